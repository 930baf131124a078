"""A ledger that is made again from the facts takes its manual entries from them too."""

from functools import partial

from conveyor.bonuses.adjustments.post_adjustment import post_adjustment
from conveyor.bonuses.adjustments.rules import Agreed
from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.ledger.append import lock_journal
from conveyor.contracts.bonuses import BonusAdjustmentDecided
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from conveyor.kit.money import Money

_NOTE = "bonuses.adjustments"


def listen(listeners: Listeners, *, role: BonusRole, service: str) -> None:
    """Hear this service's own decisions; what is in the ledger already stays as it is."""

    async def decided(tx: Transaction, event: Event[BonusAdjustmentDecided]) -> None:
        if event.fact.outcome == "approved":
            tx.notes.setdefault(_NOTE, []).append(_agreed(event.fact))
            tx.once_before_commit(_NOTE, partial(_post, role=role))

    listeners.on(BonusAdjustmentDecided, decided, from_service=service)


async def _post(tx: Transaction, *, role: BonusRole) -> None:
    await lock_journal(tx)
    for agreed in tx.notes.pop(_NOTE):
        await post_adjustment(tx, agreed, role=role)


def _agreed(fact: BonusAdjustmentDecided) -> Agreed:
    return Agreed(
        adjustment_id=fact.adjustment_id,
        employee_id=fact.employee_id,
        component=fact.component,
        reason_code=fact.reason_code,
        reason_sha256=fact.reason_sha256,
        amount=Money.from_wire(fact.amount),
        earned_on=fact.earned_on,
        lead_id=fact.lead_id,
        dispute_id=fact.dispute_id,
        requested_by=fact.requested_by,
        requested_at=fact.requested_at,
        approved_by=fact.decided_by,
        approved_at=fact.decided_at,
    )
