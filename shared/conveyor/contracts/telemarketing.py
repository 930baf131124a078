"""Facts of the telemarketing stage."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime

from conveyor.contracts.envelope import Fact
from conveyor.contracts.values import (
    PERSONAL,
    Company,
    IdentifiedContact,
    LongText,
    Mechanics,
    Text,
)

TouchKind = Literal["letter_general", "gatekeeper_passed", "need_identified", "letter_decision_maker"]


class LeadRecorded(Fact):
    """A lead of the target base as telemarketing knows it; the highest revision stands."""

    lead_id: UUID
    revision: int
    company: Company
    contacts: tuple[IdentifiedContact, ...] = ()
    channel: Text
    campaign: Text | None = None
    mechanics: Mechanics
    segment: Text | None = None
    owner_id: UUID | None = None


class TouchRecorded(Fact):
    """One paid step of the call, done by an employee at the envelope's `time`."""

    touch_id: UUID
    lead_id: UUID
    employee_id: UUID
    kind: TouchKind
    note: Annotated[LongText | None, PERSONAL] = None


class MeetingBooked(Fact):
    """A meeting that telemarketing booked; it travels with the handoff `handoff_id`."""

    meeting_id: UUID
    lead_id: UUID
    employee_id: UUID
    handoff_id: UUID
    starts_at: AwareDatetime
    place: Annotated[Text | None, PERSONAL] = None


class MeetingCancelled(Fact):
    """A booked meeting will not take place."""

    meeting_id: UUID
    lead_id: UUID
    handoff_id: UUID
    employee_id: UUID | None = None
    reason: Literal["client_cancelled", "we_cancelled", "duplicate"]
