"""How the queue answers."""

from datetime import datetime
from uuid import UUID

from conveyor.kit.http.models import AnswerModel
from telemarketing.history.answers import LeadWithHistory


class ScriptView(AnswerModel):
    """What to say; `segment` is empty for the script of all segments without one of their own."""

    segment: str
    text: str


class NextLead(LeadWithHistory):
    """The lead to work on now. Nobody else is given it before `leased_until`."""

    lead_id: UUID
    script: ScriptView
    leased_until: datetime
