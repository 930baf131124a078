"""Part of an action: the ledger takes an agreed adjustment into an open month."""

from uuid import UUID

from conveyor.bonuses.adjustments.rules import Agreed, line_of
from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.ledger.append import append
from conveyor.bonuses.ledger.queries import entry_of_cause
from conveyor.bonuses.ledger.rules import Accrual
from conveyor.bonuses.periods.queries import closed_through
from conveyor.kit.database import Transaction
from conveyor.roster.queries import current_calendar


async def post_adjustment(tx: Transaction, agreed: Agreed, *, role: BonusRole) -> tuple[UUID, str]:
    """Post it once and return its entry and period; the caller holds the journal's lock and commits."""
    calendar = (await current_calendar(tx.session)).calendar
    line = line_of(agreed, role=role, calendar=calendar)
    known = await entry_of_cause(tx.session, employee_id=agreed.employee_id, cause=line.cause)
    if known is None:
        posting = Accrual(line=line, revision=1, by_hand=True)
        await append(tx, [posting], role=role, closed_through=await closed_through(tx.session))
        known = await entry_of_cause(tx.session, employee_id=agreed.employee_id, cause=line.cause)
    if known is None:
        msg = f"the entry of {line.cause} was not written"
        raise RuntimeError(msg)
    return known
