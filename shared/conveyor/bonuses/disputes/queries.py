"""Reads of disputes and their threads."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.adjustments.queries import adjustments
from conveyor.bonuses.adjustments.tables import Adjustment
from conveyor.bonuses.adjustments.views import adjustment_view
from conveyor.bonuses.disputes.tables import Dispute, DisputeMessage
from conveyor.bonuses.disputes.views import DisputeSummary, DisputeView, MessageView
from conveyor.kit.refusals import NotFound


def disputes(*, employee_id: UUID | None, state: str | None, period: str | None) -> Select[Dispute]:
    """Disputes of one employee, state or period when named."""
    statement = select(Dispute)
    if employee_id is not None:
        statement = statement.where(Dispute.employee_id == employee_id)
    if state is not None:
        statement = statement.where(Dispute.state == state)
    if period is not None:
        statement = statement.where(Dispute.period == period)
    return statement


async def existing_dispute(session: AsyncSession, dispute_id: UUID, *, lock: bool = False) -> Dispute:
    """One dispute, locked against other changes when asked. Raises NotFound."""
    statement = select(Dispute).where(Dispute.dispute_id == dispute_id)
    found: Dispute | None = await session.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound
    return found


def summary_of(dispute: Dispute) -> DisputeSummary:
    """The dispute without its thread."""
    names = DisputeSummary.model_fields.keys() - {"id"}
    return DisputeSummary(id=dispute.dispute_id, **{name: getattr(dispute, name) for name in names})


async def view_of(session: AsyncSession, dispute: Dispute) -> DisputeView:
    """The dispute with its thread and what answers it."""
    messages = await session.scalars(
        select(DisputeMessage)
        .where(DisputeMessage.dispute_id == dispute.dispute_id)
        .order_by(DisputeMessage.message_id)
    )
    answers = await session.scalars(adjustments(dispute_id=dispute.dispute_id).order_by(Adjustment.adjustment_id))
    return DisputeView(
        **summary_of(dispute).model_dump(),
        messages=[
            MessageView(
                id=message.message_id,
                author=message.author,
                author_role=message.author_role,
                written_at=message.written_at,
                text=message.text,
            )
            for message in messages
        ],
        adjustments=[adjustment_view(row) for row in answers],
    )
