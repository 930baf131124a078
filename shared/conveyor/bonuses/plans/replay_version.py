"""Action: ask for a version to be played over months that are over; the service's worker does it in chunks."""

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.facts.tables import BonusFact
from conveyor.bonuses.periods.queries import closed_through
from conveyor.bonuses.plans.drafts import draft_of, replay_of
from conveyor.bonuses.plans.tables import PlanReplay
from conveyor.bonuses.plans.version_views import ReplayView
from conveyor.kit.calendar import Month
from conveyor.kit.ids import new_id
from conveyor.kit.refusals import Invalid
from conveyor.roster.queries import current_calendar
from conveyor.roster.tables import Employee


async def replay_version(
    desk: Desk,
    *,
    code: str,
    version: int,
    first: Month | None,
    last: Month | None,
    last_months: int | None,
    requested_by: str,
) -> ReplayView:
    """Begin a replay over [first, last] or over the last so many closed months.

    Before the first closing the months that have ended stand in. Raises NotFound for an unknown draft, Invalid for
    months that are not over and closed, or in the wrong order.
    """
    async with desk.database.transaction() as tx:
        await draft_of(tx.session, role=desk.role, code=code, version=version)
        over = await closed_through(tx.session)
        if over is None:
            over = (await current_calendar(tx.session)).calendar.month_of(tx.now).plus(-1)
        begins, ends = _range(over, first=first, last=last, last_months=last_months)
        replay_id = new_id()
        await tx.session.execute(
            insert(PlanReplay).values(
                replay_id=replay_id,
                code=code,
                version=version,
                first_month=str(begins),
                last_month=str(ends),
                state="running",
                phase="leads",
                cursor=None,
                done=0,
                total=await _how_much(tx.session, role=desk.role),
                sums={},
                requested_by=requested_by,
                recorded_at=tx.now,
            )
        )
        view = await tx.commit(await replay_of(tx.session, code=code, version=version, replay_id=replay_id))
    desk.replay_wanted.set()
    return view


def _range(over: Month, *, first: Month | None, last: Month | None, last_months: int | None) -> tuple[Month, Month]:
    if last_months is not None:
        return over.plus(1 - last_months), over
    if first is None or last is None:
        raise Invalid.field("/last_months", "say how many months, or which ones")
    if last < first:
        raise Invalid.field("/last_period", "lies before first_period")
    if last > over:
        raise Invalid.field("/last_period", f"is not closed; the last closed month is {over}")
    return first, last


async def _how_much(session: AsyncSession, *, role: str) -> int:
    leads = await session.scalar(select(func.count(BonusFact.lead_id.distinct())))
    people = await session.scalar(select(func.count()).select_from(Employee).where(Employee.role == role))
    return (leads or 0) + (people or 0)
