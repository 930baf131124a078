"""Facts that came too early wait here, and are handled again when what they need has come.

No wake-up is lost: a fact is parked as due, so it is always tried once more after its row is visible, and only after
every releaser that may have missed the row has ended (both take the advisory lock of the thing; the one who parks
holds nothing else with it, so the two cannot block each other for good). The step back from due to waiting counts
releases: it does not happen when one came in between.
"""

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from conveyor.kit.database import Transaction

_RELEASE = text(
    """
    UPDATE parked_facts SET due_at = clock_timestamp(), releases = releases + 1 WHERE thing = :thing AND key = :key
    """
)
_LOCK = text("SELECT pg_advisory_xact_lock(:key)")


async def release(tx: "Transaction", thing: str, key: object) -> None:
    """The thing is there once `tx` commits: facts that wait for it are handled again right after."""
    from conveyor.kit.database import lock  # noqa: PLC0415 - database.py stands on this package

    await lock(tx, "parked", thing, str(key))
    woken = await tx.session.execute(_RELEASE, {"thing": thing, "key": str(key)})
    if woken.rowcount:  # type: ignore[attr-defined] # an UPDATE gives a cursor result
        tx.wakes.add(tx.database.released)
