"""Facts of the closing stage."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime

from conveyor.contracts.envelope import Fact
from conveyor.contracts.values import PERSONAL, Code, LongText, PositiveMoney, Reference, Text

LossReason = Literal["no_budget", "no_need", "competitor", "timing", "no_answer", "conflict_of_interest", "other"]


class DealOpened(Fact):
    """A deal began with the acceptance of its handoff; `employee_id` owns it from the envelope's `time`."""

    deal_id: UUID
    lead_id: UUID
    handoff_id: UUID
    employee_id: UUID


class DealOwnerChanged(Fact):
    """From `from_at` on the deal belongs to `employee_id`. `revision` grows with each change of this deal."""

    deal_id: UUID
    lead_id: UUID
    revision: int
    employee_id: UUID
    from_at: AwareDatetime


class DealCriterionAnswered(Fact):
    """A qualification criterion of the deal has an answer with evidence."""

    deal_id: UUID
    lead_id: UUID
    employee_id: UUID
    code: Code
    answer: Annotated[LongText, PERSONAL]
    evidence: Annotated[LongText, PERSONAL]


class MeetingRebooked(Fact):
    """Closing booked a meeting again after a miss or a cancellation; it pays no SDR bonus."""

    meeting_id: UUID
    lead_id: UUID
    deal_id: UUID
    employee_id: UUID
    starts_at: AwareDatetime
    place: Annotated[Text | None, PERSONAL] = None


class MeetingHeld(Fact):
    """The meeting took place."""

    meeting_id: UUID
    lead_id: UUID
    deal_id: UUID
    employee_id: UUID


class MeetingMissed(Fact):
    """The client did not come."""

    meeting_id: UUID
    lead_id: UUID
    deal_id: UUID
    employee_id: UUID


class ContractSigned(Fact):
    """A contract of the deal. Payments that name its number or one of its references belong to this deal."""

    deal_id: UUID
    lead_id: UUID
    employee_id: UUID
    number: Text
    signed_at: AwareDatetime
    value: PositiveMoney | None = None
    references: tuple[Reference, ...] = ()


class DealLost(Fact):
    """The deal ended without a contract."""

    deal_id: UUID
    lead_id: UUID
    employee_id: UUID
    reason: LossReason
    note: Annotated[LongText | None, PERSONAL] = None
