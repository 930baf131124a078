"""How a lead is answered."""

from datetime import datetime
from uuid import UUID

from conveyor.contracts.values import Company, IdentifiedContact, Reference
from conveyor.kit.http.models import AnswerModel


class LeadView(AnswerModel):
    """A lead as telemarketing knows it. `revision` is its ETag; `state` as in `standing.rules`."""

    id: UUID
    revision: int
    state: str
    company: Company
    contacts: tuple[IdentifiedContact, ...]
    channel: str
    campaign: str | None
    mechanics: str
    segment: str | None
    references: tuple[Reference, ...]
    owner_id: UUID | None
    registered_at: datetime
    worked_at: datetime | None


class LeadsImported(AnswerModel):
    """What an import made: the leads in the order of the file's rows."""

    imported: int
    lead_ids: tuple[UUID, ...]
