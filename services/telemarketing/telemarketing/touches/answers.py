"""How a touch is answered."""

from datetime import datetime
from uuid import UUID

from conveyor.kit.http.models import AnswerModel
from telemarketing.touches.tables import Touch


class TouchView(AnswerModel):
    """One paid step."""

    id: UUID
    lead_id: UUID
    employee_id: UUID
    kind: str
    note: str | None
    occurred_at: datetime


def touch_view(touch: Touch) -> TouchView:
    """The touch as it is answered."""
    return TouchView(
        id=touch.touch_id,
        lead_id=touch.lead_id,
        employee_id=touch.employee_id,
        kind=touch.kind,
        note=touch.note,
        occurred_at=touch.occurred_at,
    )
