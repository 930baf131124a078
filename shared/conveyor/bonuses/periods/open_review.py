"""Action: put an ended month up for review. It keeps taking entries; only closing freezes it."""

from sqlalchemy import insert

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.ledger.append import lock_journal
from conveyor.bonuses.ledger.queries import posted_in_period
from conveyor.bonuses.periods.freeze_month import sums_of
from conveyor.bonuses.periods.queries import state_of
from conveyor.bonuses.periods.rules import PeriodAlreadyClosed, PeriodAlreadyInReview, PeriodNotEnded
from conveyor.bonuses.periods.tables import PeriodReview
from conveyor.bonuses.periods.views import PeriodView
from conveyor.contracts.bonuses import BonusReviewOpened
from conveyor.kit.calendar import Month
from conveyor.roster.queries import current_calendar


async def open_review(desk: Desk, *, month: Month, actor: str) -> PeriodView:
    """Put the month up for review and say so. Raises PeriodNotEnded, PeriodAlreadyClosed, PeriodAlreadyInReview."""
    period = str(month)
    async with desk.database.transaction() as tx:
        # The journal's lock also decides between two callers, and against a closing.
        await lock_journal(tx)
        calendar = (await current_calendar(tx.session)).calendar
        if calendar.end_of_month(month) > tx.now:
            raise PeriodNotEnded(period=period)
        state = await state_of(tx.session, month)
        if state == "closed":
            raise PeriodAlreadyClosed(period=period)
        if state == "in_review":
            raise PeriodAlreadyInReview(period=period)
        await tx.session.execute(insert(PeriodReview).values(period=period, opened_at=tx.now, opened_by=actor))
        tx.say(BonusReviewOpened(period=period, role=desk.role))
        totals = sums_of(await posted_in_period(tx.session, period))
        return await tx.commit(
            PeriodView(
                id=period,
                period=period,
                state="in_review",
                totals=[total.to_wire() for total in totals],
                review_opened_at=tx.now,
                review_opened_by=actor,
            )
        )
