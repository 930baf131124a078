"""Answer a qualification criterion; a later answer replaces the earlier one."""

from closing.deals.doing import Desk, Doing, deal_to_change
from closing.deals.models import AnswerCriterion, CriterionView
from closing.deals.tables import DealCriterion
from conveyor.contracts.closing import DealCriterionAnswered


async def answer_criterion(
    desk: Desk, *, doing: Doing, revision: int, code: str, said: AnswerCriterion
) -> tuple[CriterionView, int]:
    """The answer as recorded, and the deal's new revision."""
    async with desk.database.transaction() as tx:
        deal = await deal_to_change(tx, deal_id=doing.deal_id, principal=doing.principal, revision=revision)
        criterion = await tx.session.merge(
            DealCriterion(
                deal_id=deal.deal_id,
                code=code,
                answer=said.answer,
                evidence=said.evidence,
                employee_id=doing.employee_id,
                answered_at=doing.at,
            )
        )
        tx.say(
            DealCriterionAnswered(
                deal_id=deal.deal_id,
                lead_id=deal.lead_id,
                employee_id=doing.employee_id,
                code=code,
                answer=said.answer,
                evidence=said.evidence,
            ),
            occurred_at=doing.at,
        )
        raised = deal.revision
        return await tx.commit(CriterionView.model_validate(criterion)), raised
