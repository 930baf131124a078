"""Facts of what people decide about pay: reviews, sign-offs, disputes, adjustments. Ids and codes, no words, no names.

Each is said by a stage service about its own role.
"""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from conveyor.contracts.envelope import Fact
from conveyor.contracts.payroll import PeriodCode, Sha256
from conveyor.contracts.values import Code, WireMoney


class BonusReviewOpened(Fact):
    """A month of one role was put up for review: its people see their statements as drafts."""

    period: PeriodCode
    role: Code


class BonusStatementSignedOff(Fact):
    """An employee agreed to his statement as it hashed then, as a draft or closed."""

    period: PeriodCode
    role: Code
    employee_id: UUID
    state: Literal["draft", "closed"]
    hash: Sha256


class BonusDisputeRaised(Fact):
    """An employee disputes an entry, or a line that is missing (then without `entry_id`)."""

    dispute_id: UUID
    role: Code
    employee_id: UUID
    period: PeriodCode
    entry_id: UUID | None = None
    component: Code | None = None


class BonusDisputeResolved(Fact):
    """A dispute has its outcome; what is upheld leads to an adjustment."""

    dispute_id: UUID
    role: Code
    employee_id: UUID
    outcome: Literal["upheld", "rejected"]


class BonusAdjustmentRequested(Fact):
    """Somebody asked for a manual adjustment; another person has to decide."""

    adjustment_id: UUID
    role: Code
    employee_id: UUID
    component: Code
    amount: WireMoney
    earned_on: date
    dispute_id: UUID | None = None


class BonusAdjustmentDecided(Fact):
    """A second person decided; an approved adjustment stands in the ledger as `entry_id`, in `period`.

    It holds all that the entry says, so that a ledger made again from the facts has it too. `requested_by` and
    `decided_by` are subjects of tokens; of the reason's words only the hash travels.
    """

    adjustment_id: UUID
    role: Code
    employee_id: UUID
    outcome: Literal["approved", "rejected"]
    component: Code
    reason_code: Code | None = None
    reason_sha256: Sha256
    amount: WireMoney
    earned_on: date
    lead_id: UUID | None = None
    dispute_id: UUID | None = None
    requested_by: str
    requested_at: AwareDatetime
    decided_by: str
    decided_at: AwareDatetime
    entry_id: UUID | None = None
    period: PeriodCode | None = None
