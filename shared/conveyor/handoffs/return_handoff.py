"""Return a handoff to the stage that offered it, with a reason from the list."""

from conveyor.contracts.handoffs import HandoffReturned
from conveyor.handoffs.answering import Answer, handoff_to_answer
from conveyor.handoffs.models import HandoffView, ReturnHandoff
from conveyor.handoffs.queries import offer_of, view_of
from conveyor.kit.database import Database


async def return_handoff(*, database: Database, answer: Answer, said: ReturnHandoff) -> HandoffView:
    """The lead goes back; who booked its meeting loses the bonus for it."""
    async with database.transaction() as tx:
        handoff = await handoff_to_answer(tx, answer)
        offer = offer_of(handoff)
        handoff.state = "returned"
        handoff.answered_by = answer.employee_id
        handoff.answered_at = answer.answered_at
        handoff.return_reason = said.reason
        handoff.note = said.note
        handoff.revision += 1
        tx.say(
            HandoffReturned(
                handoff_id=handoff.handoff_id,
                lead_id=handoff.lead_id,
                from_stage=offer.from_stage,
                to_stage=offer.to_stage,
                employee_id=answer.employee_id,
                reason=said.reason,
                note=said.note,
            ),
            occurred_at=answer.answered_at,
        )
        return await tx.commit(view_of(handoff))
