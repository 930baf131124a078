"""The first month in which the ledger of a role may have a line."""

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.facts.queries import first_business_instant
from conveyor.bonuses.ledger.queries import first_period
from conveyor.bonuses.plans.documents import PlanDocument
from conveyor.bonuses.plans.terms import published_versions
from conveyor.kit.calendar import Month
from conveyor.roster.queries import current_calendar
from conveyor.roster.tables import Employee


async def first_month(session: AsyncSession, *, role: BonusRole) -> Month | None:
    """The earliest month of a fact, of an entry, or in which somebody may be paid without any; None without all."""
    first = await first_business_instant(session)
    calendar = (await current_calendar(session)).calendar
    # A manual entry may be dated before every fact.
    found = [
        None if first is None else calendar.month_of(first),
        await first_period(session),
        await _first_without_facts(session, await published_versions(session, role=role), role=role),
    ]
    return min((month for month in found if month is not None), default=None)


async def _first_without_facts(
    session: AsyncSession, versions: Iterable[PlanDocument], *, role: BonusRole
) -> Month | None:
    """A guaranteed sum, for one, is due since the plan is in force and somebody works."""
    since = min((version.effective_from for version in versions if version.pooled_kinds), default=None)
    if since is None:
        return None
    hired_on = await session.scalar(select(func.min(Employee.hired_on)).where(Employee.role == role))
    return None if hired_on is None else Month.of(max(since, hired_on))
