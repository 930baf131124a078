"""Reading journeys."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.http.models import AnswerModel
from conveyor.kit.http.pagination import Page, PageRequest, page_of
from conveyor.kit.refusals import NotFound
from handoff_bus.journeys.tables import JourneyStep


class JourneyStepView(AnswerModel):
    """One fact of a lead's life. `actor` is who said it, `employee_id` whom it names."""

    event_id: UUID
    type: str
    service: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    employee_id: UUID | None
    summary: str


async def read_journey(
    session: AsyncSession, *, lead_id: UUID, seen_by: UUID | None, page: PageRequest
) -> Page[JourneyStepView]:
    """The life of a lead, oldest first. With `seen_by`, only if that employee has a part in it.

    Raises NotFound for a lead that nobody said anything about, or that is not his to see.
    """
    steps = select(JourneyStep).where(JourneyStep.lead_id == lead_id)
    allowed = steps if seen_by is None else steps.where(JourneyStep.employee_id == seen_by)
    if not await session.scalar(select(exists(allowed.with_only_columns(JourneyStep.event_id)))):
        raise NotFound
    found, cursor = await page_of(session, steps, key=[JourneyStep.occurred_at, JourneyStep.event_id], page=page)
    return Page[JourneyStepView](items=[JourneyStepView.model_validate(step) for step in found], next_cursor=cursor)
