"""Reads of the months' states."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.ledger.tables import BonusEntry
from conveyor.bonuses.periods.tables import ClosedPeriod, PeriodReview
from conveyor.bonuses.periods.views import PeriodState, PeriodView
from conveyor.bonuses.statements.tables import SignOff
from conveyor.contracts.values import WireMoney
from conveyor.kit.calendar import Month
from conveyor.kit.direct import Direct
from conveyor.kit.money import Money

_LAST = Direct(select(func.max(ClosedPeriod.period).label("period")))


async def closed_through(session: AsyncSession) -> Month | None:
    """The last closed month; every month before it is closed too. None while none is closed."""
    last = (await _LAST.first(session)).period
    return None if last is None else Month.parse(last)


async def state_of(session: AsyncSession, month: Month) -> PeriodState:
    """Whether the month is open, in review or closed."""
    last = await closed_through(session)
    if last is not None and month <= last:
        return "closed"
    return "in_review" if await session.get(PeriodReview, str(month)) is not None else "open"


async def state_as_of(session: AsyncSession, month: Month, instant: datetime) -> PeriodState:
    """What the month was at an instant."""
    closed_at = await session.scalar(
        select(ClosedPeriod.closed_at).where(ClosedPeriod.period >= str(month)).order_by(ClosedPeriod.period).limit(1)
    )
    if closed_at is not None and closed_at <= instant:
        return "closed"
    review = await session.get(PeriodReview, str(month))
    return "in_review" if review is not None and review.opened_at <= instant else "open"


async def list_periods(session: AsyncSession) -> list[PeriodView]:
    """Closed months, those in review, and open ones that have entries, oldest first."""
    totals: dict[str, list[WireMoney]] = {}
    sums = await session.execute(
        select(BonusEntry.period, BonusEntry.currency, func.sum(BonusEntry.amount_minor))
        .group_by(BonusEntry.period, BonusEntry.currency)
        .order_by(BonusEntry.period, BonusEntry.currency)
    )
    for period, currency, amount_minor in sums:
        totals.setdefault(period, []).append(Money(int(amount_minor), currency).to_wire())
    closed = {row.period: row for row in await session.scalars(select(ClosedPeriod))}
    reviews = {row.period: row for row in await session.scalars(select(PeriodReview))}
    signers = await session.execute(
        select(SignOff.period, func.count(SignOff.employee_id.distinct()).label("people")).group_by(SignOff.period)
    )
    signed: dict[str, int] = {row.period: row.people for row in signers}
    last = max(closed, default="")
    return [
        _view(
            period,
            closed=closed.get(period),
            review=reviews.get(period),
            totals=totals.get(period, []),
            signed_off=signed.get(period, 0),
            last_closed=last,
        )
        for period in sorted(totals.keys() | closed.keys() | reviews.keys())
    ]


def _view(
    period: str,
    *,
    closed: ClosedPeriod | None,
    review: PeriodReview | None,
    totals: list[WireMoney],
    signed_off: int,
    last_closed: str,
) -> PeriodView:
    state: PeriodState = "closed" if period <= last_closed else "open" if review is None else "in_review"
    return PeriodView(
        id=period,
        period=period,
        state=state,
        totals=totals,
        review_opened_at=review.opened_at if review else None,
        review_opened_by=review.opened_by if review else None,
        signed_off=signed_off,
        closed_at=closed.closed_at if closed else None,
        closed_by=closed.closed_by if closed else None,
        statements=closed.statements if closed else None,
        journal_no=closed.journal_no if closed else None,
        chain_head=closed.chain_head if closed else None,
    )
