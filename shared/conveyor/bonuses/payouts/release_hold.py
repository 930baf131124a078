"""Action: let what was on hold go into the next batch."""

from uuid import UUID

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.payouts.queries import lock_payouts
from conveyor.bonuses.payouts.rules import HoldAlreadyReleased
from conveyor.bonuses.payouts.tables import PayoutHold
from conveyor.bonuses.payouts.views import PayoutHoldView, hold_view
from conveyor.kit.refusals import NotFound


async def release_hold(desk: Desk, *, hold_id: UUID, reason: str | None, actor: str) -> PayoutHoldView:
    """Release it for good; another hold may be placed. Raises NotFound, HoldAlreadyReleased."""
    async with desk.database.transaction() as tx:
        await lock_payouts(tx)
        hold = await tx.session.get(PayoutHold, hold_id)
        if hold is None:
            raise NotFound
        if hold.released_at is not None:
            raise HoldAlreadyReleased
        hold.released_at = tx.now
        hold.released_by = actor
        hold.release_reason = reason
        return await tx.commit(hold_view(hold))
