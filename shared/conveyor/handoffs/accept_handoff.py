"""Accept a handoff: the lead changes hands, and the stage opens its deal or client in the same transaction."""

from conveyor.contracts.handoffs import HandoffAccepted
from conveyor.handoffs.answering import Answer, handoff_to_answer
from conveyor.handoffs.models import HandoffView
from conveyor.handoffs.ownership.pass_on import pass_on_at_once
from conveyor.handoffs.queries import offer_of, view_of
from conveyor.handoffs.stage import Acceptance, ReceivingStage
from conveyor.kit.database import Database
from conveyor.roster.queries import hold_employee


async def accept_handoff(*, database: Database, stage: ReceivingStage, answer: Answer) -> HandoffView:
    """Ownership begins at `answer.answered_at`. Of two acceptances at once one wins, the other is refused."""
    async with database.transaction() as tx:
        await hold_employee(tx.session, answer.employee_id)
        handoff = await handoff_to_answer(tx, answer)
        offer = offer_of(handoff)
        handoff.state = "accepted"
        handoff.answered_by = answer.employee_id
        handoff.answered_at = answer.answered_at
        handoff.revision += 1
        deal_id = await stage.take_over(
            tx,
            Acceptance(
                offer=offer,
                offered_at=handoff.offered_at,
                employee_id=answer.employee_id,
                accepted_at=answer.answered_at,
            ),
        )
        handoff.deal_id = deal_id or handoff.deal_id
        await pass_on_at_once(tx, stage=stage, employee_id=answer.employee_id, lead_id=handoff.lead_id)
        tx.say(
            HandoffAccepted(
                handoff_id=handoff.handoff_id,
                lead_id=handoff.lead_id,
                from_stage=offer.from_stage,
                to_stage=offer.to_stage,
                employee_id=answer.employee_id,
                deal_id=handoff.deal_id,
            ),
            occurred_at=answer.answered_at,
        )
        return await tx.commit(view_of(handoff))
