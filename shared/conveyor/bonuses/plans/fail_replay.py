"""Action: give up a replay that cannot be computed, so that it does not stand in the way of others."""

from sqlalchemy import select, update

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.plans.tables import PlanReplay


async def fail_replay(desk: Desk) -> None:
    """Give up the oldest unfinished replay; a new one may be asked for."""
    async with desk.database.transaction() as tx:
        oldest = (
            select(PlanReplay.replay_id)
            .where(PlanReplay.state == "running")
            .order_by(PlanReplay.recorded_at, PlanReplay.replay_id)
            .limit(1)
        )
        await tx.session.execute(
            update(PlanReplay)
            .where(PlanReplay.replay_id == oldest.scalar_subquery())
            .values(state="failed", finished_at=tx.now)
        )
        await tx.commit()
