"""Adjustments as they are answered, and as the decision about one is said."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from conveyor.bonuses.adjustments.rules import sha256_of
from conveyor.bonuses.adjustments.tables import Adjustment
from conveyor.contracts.bonuses import BonusAdjustmentDecided
from conveyor.contracts.values import WireMoney
from conveyor.kit.http.models import AnswerModel
from conveyor.kit.money import Money

AdjustmentState = Literal["pending", "approved", "rejected"]


class AdjustmentView(AnswerModel):
    """A manual adjustment; `requested_by` and `decided_by` are subjects of tokens, `entry_id` its entry."""

    id: UUID
    employee_id: UUID
    component: str
    reason_code: str | None
    reason: str
    amount: WireMoney
    earned_on: date
    lead_id: UUID | None
    dispute_id: UUID | None
    state: str
    requested_by: str
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    rejection: str | None
    entry_id: UUID | None


def adjustment_view(row: Adjustment) -> AdjustmentView:
    """The request as it stands."""
    names = AdjustmentView.model_fields.keys() - {"id", "amount"}
    return AdjustmentView(
        id=row.adjustment_id,
        amount=Money(row.amount_minor, row.currency).to_wire(),
        **{name: getattr(row, name) for name in names},
    )


def decision(
    row: Adjustment, *, role: str, entry_id: UUID | None = None, period: str | None = None
) -> BonusAdjustmentDecided:
    """The fact about a row that was decided."""
    names = ("adjustment_id", "employee_id", "component", "reason_code", "earned_on", "lead_id", "dispute_id")
    people = ("requested_by", "requested_at", "decided_by", "decided_at")
    return BonusAdjustmentDecided(
        role=role,
        outcome="approved" if row.state == "approved" else "rejected",
        reason_sha256=sha256_of(row.reason),
        amount=Money(row.amount_minor, row.currency).to_wire(),
        entry_id=entry_id,
        period=period,
        **{name: getattr(row, name) for name in (*names, *people)},
    )
