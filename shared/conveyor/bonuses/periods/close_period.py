"""Action: close a month for good. Posts what is paid at closing, freezes a statement per employee, says so."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.ledger.append import lock_journal
from conveyor.bonuses.ledger.beginning import first_month
from conveyor.bonuses.ledger.queries import posted_in_period
from conveyor.bonuses.periods.at_close import at_close_lines, post_at_close
from conveyor.bonuses.periods.freeze_month import freeze_month
from conveyor.bonuses.periods.queries import closed_through
from conveyor.bonuses.periods.rules import EarlierPeriodsOpen, NotCaughtUp, PeriodAlreadyClosed, PeriodNotEnded
from conveyor.bonuses.periods.views import PeriodView
from conveyor.contracts.payroll import BonusPeriodClosed
from conveyor.kit.calendar import Month
from conveyor.roster.queries import current_calendar


async def close_period(desk: Desk, *, month: Month, actor: str) -> PeriodView:
    """Close the month; of two callers at once one wins and the other is told that it is closed.

    Raises PeriodNotEnded, NotCaughtUp, PeriodAlreadyClosed, EarlierPeriodsOpen (naming them in `periods`).
    """
    await _check_ended(desk, month)
    # Outside the transaction: under the journal's lock the consumer could not finish what is waited for.
    if not await desk.caught_up(seconds_max=desk.patience_seconds):
        raise NotCaughtUp
    async with desk.database.transaction() as tx:
        await lock_journal(tx)
        before = await closed_through(tx.session)
        if before is not None and month <= before:
            raise PeriodAlreadyClosed(period=str(month))
        await check_earlier(tx.session, month, role=desk.role, before=before)
        await post_at_close(tx, month, role=desk.role)
        fact = await freeze_month(tx, month, role=desk.role, closed_at=tx.now, closed_by=actor)
        tx.say(fact)
        return await tx.commit(_view(fact, closed_at=tx.now, closed_by=actor))


async def _check_ended(desk: Desk, month: Month) -> None:
    async with desk.database.reading() as session:
        calendar = (await current_calendar(session)).calendar
    if calendar.end_of_month(month) > desk.database.clock.now():
        raise PeriodNotEnded(period=str(month))


async def check_earlier(session: AsyncSession, month: Month, *, role: BonusRole, before: Month | None) -> None:
    """Raises EarlierPeriodsOpen naming the months between `before` and this one that have something in them."""
    earlier = before.plus(1) if before else await first_month(session, role=role) or month
    still_open: list[str] = []
    while earlier < month:
        posted = await posted_in_period(session, str(earlier))
        if posted or await at_close_lines(session, earlier, role=role):
            still_open.append(str(earlier))
        earlier = earlier.plus(1)
    if still_open:
        raise EarlierPeriodsOpen(periods=still_open)


def _view(fact: BonusPeriodClosed, *, closed_at: datetime, closed_by: str) -> PeriodView:
    return PeriodView(
        id=fact.period,
        period=fact.period,
        state="closed",
        closed_at=closed_at,
        closed_by=closed_by,
        statements=fact.statements,
        totals=list(fact.totals),
        journal_no=fact.journal_no,
        chain_head=fact.chain_head,
    )
