"""A record of an erasure as it was kept outside the database, to be given back to a bus that lost it."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from conveyor.contracts.values import Code, Text
from conveyor.erasing.subjects import SubjectKind
from conveyor.kit.http.models import BusinessInstant, RequestModel
from handoff_bus.erasures.parties import Party, Responsible
from handoff_bus.erasures.rules import CATEGORIES, AskedBy, Ground


class KeptRecord(RequestModel):
    """An item of `GET /v1/erasures`; what was confirmed and purged is found out anew, so those fields are not read."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: UUID
    kind: SubjectKind
    subject_id: UUID
    lead_id: UUID | None = None
    ground: Ground
    asked_by: AskedBy
    request_number: Code | None = None
    requested_at: BusinessInstant
    carried_out_by: Text
    operator: Party | None = None
    processors: Annotated[list[Party], Field(max_length=100)] = Field(default_factory=list)
    responsible: Responsible | None = None
    system: Text | None = None
    method: Text | None = None
    categories: Annotated[list[Text], Field(max_length=100)] = Field(default_factory=list)

    def row(self) -> dict[str, Any]:
        """The same as a row of the record, not yet confirmed by anybody."""
        return {
            "erasure_id": self.id,
            "kind": self.kind,
            "subject_id": self.subject_id,
            "lead_id": self.lead_id,
            "ground": self.ground,
            "asked_by": self.asked_by,
            "request_number": self.request_number,
            "requested_at": self.requested_at,
            "carried_out_by": self.carried_out_by,
            "operator_name": self.operator.name if self.operator else None,
            "operator_address": self.operator.address if self.operator else None,
            "processors": [each.model_dump() for each in self.processors],
            "responsible_name": self.responsible.full_name if self.responsible else None,
            "responsible_position": self.responsible.position if self.responsible else None,
            "system": self.system,
            "method": self.method,
            "categories": self.categories or list(CATEGORIES[self.kind]),
            "purged_messages": None,
            "completed_at": None,
        }
