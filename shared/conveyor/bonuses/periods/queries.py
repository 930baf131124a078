"""Reads of the months' states."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.ledger.tables import BonusEntry
from conveyor.bonuses.periods.tables import ClosedPeriod
from conveyor.bonuses.periods.views import PeriodState, PeriodView
from conveyor.contracts.values import WireMoney
from conveyor.kit.calendar import Month
from conveyor.kit.money import Money


async def closed_through(session: AsyncSession) -> Month | None:
    """The last closed month; every month before it is closed too. None while none is closed."""
    last = await session.scalar(select(func.max(ClosedPeriod.period)))
    return None if last is None else Month.parse(last)


async def state_of(session: AsyncSession, month: Month) -> PeriodState:
    """Whether the month is open."""
    last = await closed_through(session)
    return "closed" if last is not None and month <= last else "open"


async def list_periods(session: AsyncSession) -> list[PeriodView]:
    """Closed months, and open ones that have entries, oldest first."""
    totals: dict[str, list[WireMoney]] = {}
    sums = await session.execute(
        select(BonusEntry.period, BonusEntry.currency, func.sum(BonusEntry.amount_minor))
        .group_by(BonusEntry.period, BonusEntry.currency)
        .order_by(BonusEntry.period, BonusEntry.currency)
    )
    for period, currency, amount_minor in sums:
        totals.setdefault(period, []).append(Money(int(amount_minor), currency).to_wire())
    closed = {row.period: row for row in await session.scalars(select(ClosedPeriod))}
    last = max(closed, default="")
    return [
        _view(period, closed.get(period), totals.get(period, []), last_closed=last)
        for period in sorted(totals.keys() | closed.keys())
    ]


def _view(period: str, closed: ClosedPeriod | None, totals: list[WireMoney], *, last_closed: str) -> PeriodView:
    if closed is None:
        return PeriodView(id=period, period=period, state="closed" if period <= last_closed else "open", totals=totals)
    return PeriodView(
        id=period,
        period=period,
        state="closed",
        totals=totals,
        closed_at=closed.closed_at,
        closed_by=closed.closed_by,
        statements=closed.statements,
        journal_no=closed.journal_no,
        chain_head=closed.chain_head,
    )
