"""Part of a replay: a month is closed again at the place in the stream where it was closed, and must say the same."""

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.ledger.append import lock_journal
from conveyor.bonuses.periods.at_close import post_at_close
from conveyor.bonuses.periods.close_period import check_earlier
from conveyor.bonuses.periods.freeze_month import freeze_month
from conveyor.bonuses.periods.queries import closed_through
from conveyor.bonuses.periods.rules import ClosedOtherwise
from conveyor.contracts.payroll import BonusPeriodClosed
from conveyor.kit.calendar import Month
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event


async def close_again(tx: Transaction, event: Event[BonusPeriodClosed], *, role: BonusRole) -> None:
    """Close the month of the fact unless it is closed, as it is in the books that said so; nothing is said again.

    What this transaction heard before counts in the month, what it hears afterwards does not. Raises ClosedOtherwise
    and EarlierPeriodsOpen: such a fact ends as a dead letter and the month stays open.
    """
    said, month = event.fact, Month.parse(event.fact.period)
    before = await closed_through(tx.session)
    if before is not None and month <= before:
        return
    await tx.work_off()
    await lock_journal(tx)
    await check_earlier(tx.session, month, role=role, before=before)
    await post_at_close(tx, month, role=role)
    found = await freeze_month(tx, month, role=role, closed_at=event.occurred_at, closed_by=event.actor)
    if (found.statements, found.totals) != (said.statements, said.totals):
        msg = f"{said.period} was closed with {_worded(said)}; here it comes to {_worded(found)}"
        raise ClosedOtherwise(msg)


def _worded(fact: BonusPeriodClosed) -> str:
    totals = " + ".join(f"{total.amount} {total.currency}" for total in fact.totals)
    return f"{fact.statements} statements, {totals or 'nothing'}"
