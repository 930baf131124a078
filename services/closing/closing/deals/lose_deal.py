"""Lose a deal: it ends without a contract."""

from closing.deals.doing import Desk, Doing, deal_to_change
from closing.deals.models import DealView, LoseDeal
from closing.deals.queries import deal_view
from closing.deals.rules import refuse_before_opening, refuse_loss
from conveyor.contracts.closing import DealLost


async def lose_deal(desk: Desk, *, doing: Doing, said: LoseDeal) -> DealView:
    """Only an open deal can be lost, and not before it was opened."""
    async with desk.database.transaction() as tx:
        deal = await deal_to_change(tx, deal_id=doing.deal_id, principal=doing.principal)
        refuse_loss(deal.state)
        refuse_before_opening(at=doing.at, opened_at=deal.opened_at)
        deal.state = "lost"
        deal.closed_at = doing.at
        deal.loss_reason = said.reason
        deal.loss_note = said.note
        tx.say(
            DealLost(
                deal_id=deal.deal_id,
                lead_id=deal.lead_id,
                employee_id=doing.employee_id,
                reason=said.reason,
                note=said.note,
            ),
            occurred_at=doing.at,
        )
        return await tx.commit(await deal_view(tx.session, deal, now=tx.now))
