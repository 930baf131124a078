"""What parked deliveries wait for, and how whoever creates it wakes them.

All correlation is done under one lock per transaction. Otherwise a delivery could look for a reference, not find it
and park, while the transaction that registers this reference does not yet see the delivery: they would miss each other.
"""

from collections.abc import Collection
from uuid import UUID

from conveyor.kit.database import Transaction, lock
from conveyor.kit.direct import Direct

_WAKE = Direct("""
    WITH woken AS (DELETE FROM delivery_waits WHERE thing = ANY(:things) RETURNING delivery_id)
    UPDATE deliveries SET state = 'received', reason = NULL, detail = NULL, retry_at = NULL
    WHERE delivery_id IN (SELECT delivery_id FROM woken) AND state = 'parked'
""")
_LOCKED = "correlation locked"


def awaited_lead(system: str, value: str) -> str:
    """How a delivery names the lead reference (in normal form) it waits for; `lead_id` is a system too."""
    return f"lead:{system}:{value}"


def awaited_employee(system: str, value: str) -> str:
    """How a delivery names the employee reference (in normal form) it waits for."""
    return f"employee:{system}:{value}"


def awaited_payment(source_id: UUID, payment_id: str) -> str:
    """How a refund names the payment it waits for."""
    return f"payment:{source_id}:{payment_id}"


def awaited_payment_of(source_id: UUID, lead_id: UUID) -> str:
    """How a refund that names no payment waits for one of its lead."""
    return f"payment of:{source_id}:{lead_id}"


async def lock_correlation(tx: Transaction) -> None:
    """Take the one lock, once per transaction; call it before reading what references mean."""
    if not tx.notes.get(_LOCKED):
        await lock(tx, "correlation")
        tx.notes[_LOCKED] = True


async def wake(tx: Transaction, things: Collection[str]) -> None:
    """In the transaction that creates these things, make the deliveries that waited for them `received` again.

    They are settled right after the commit, each apart, so that a bad delivery can never undo what woke it.
    """
    if not things:
        return
    await lock_correlation(tx)
    await _WAKE.rows(tx.session, things=sorted(things))
