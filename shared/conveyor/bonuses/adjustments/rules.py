"""What an approved adjustment posts, and who may not approve it. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from conveyor.bonuses.engine.explanation import Derivation, Explanation
from conveyor.bonuses.engine.lines import BonusRole, Line
from conveyor.kit.calendar import BusinessCalendar
from conveyor.kit.money import Money
from conveyor.kit.refusals import Refusal

PLAN_CODE = "manual"
"""An adjustment follows no plan; its entry stands under this code, version 0."""


class OwnRequest(Refusal):
    """Whoever asked for an adjustment does not approve it; a second person has to."""

    kind = "forbidden"


class OwnPay(Refusal):
    """Nobody approves his own pay."""

    kind = "forbidden"


class AdjustmentAlreadyDecided(Refusal):
    """Somebody decided about this adjustment before."""


class DisputeOfSomebodyElse(Refusal):
    """The dispute is another employee's."""


class DisputeWasRejected(Refusal):
    """A rejected dispute leads to no adjustment."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """An adjustment with everything its entry says: who asked, who approved, and why, as a hash of the reason."""

    adjustment_id: UUID
    employee_id: UUID
    component: str
    reason_code: str | None
    reason_sha256: str
    amount: Money
    earned_on: date
    lead_id: UUID | None
    dispute_id: UUID | None
    requested_by: str
    requested_at: datetime
    approved_by: str
    approved_at: datetime


def check_approver(*, requested_by: str, employee_id: UUID, approver: str, approver_employee_id: UUID | None) -> None:
    """Raises OwnRequest or OwnPay. Whoever is known as the employee by his token's subject is he too."""
    if approver == requested_by:
        raise OwnRequest
    if employee_id == approver_employee_id or approver in {str(employee_id), f"employee:{employee_id}"}:
        raise OwnPay


def sha256_of(reason: str) -> str:
    """The hash that stands for the reason's words where no names may be."""
    return hashlib.sha256(reason.encode()).hexdigest()


def line_of(agreed: Agreed, *, role: BonusRole, calendar: BusinessCalendar) -> Line:
    """The line that the ledger takes. Payroll knows it by when it was asked for, as everything people record."""
    return Line(
        role=role,
        component=agreed.component,
        plan_code=PLAN_CODE,
        plan_version=0,
        employee_id=agreed.employee_id,
        lead_id=agreed.lead_id,
        cause=f"adjustment:{agreed.adjustment_id}",
        cause_id=f"adjustment@{calendar.local(agreed.requested_at).isoformat()}",
        earned_on=agreed.earned_on,
        amount=agreed.amount,
        timing="at_once",
        reason=_Reason(agreed, role),
    )


@dataclass(frozen=True, slots=True)
class _Reason:
    agreed: Agreed
    role: BonusRole

    def explanation(self) -> Explanation:
        """The sum as it was agreed. The ledger holds no names, so the reason's words stay with the request."""
        agreed = self.agreed
        given = {
            "what": "adjustment",
            "adjustment_id": str(agreed.adjustment_id),
            "amount_minor": agreed.amount.amount_minor,
            "currency": agreed.amount.currency,
            "reason_code": agreed.reason_code,
            "reason_sha256": agreed.reason_sha256,
            "dispute_id": None if agreed.dispute_id is None else str(agreed.dispute_id),
            "requested_by": agreed.requested_by,
            "requested_at": agreed.requested_at.isoformat(),
            "approved_by": agreed.approved_by,
            "approved_at": agreed.approved_at.isoformat(),
        }
        derivation = Derivation(terms={"currency": agreed.amount.currency}, inputs=(given,))
        derivation.step("line", "add", "inputs.0.amount_minor", text="as agreed: {result} in minor units")
        return Explanation(
            role=self.role,
            plan_code=PLAN_CODE,
            plan_version=0,
            component=agreed.component,
            kind="manual",
            terms=derivation.terms,
            inputs=derivation.inputs,
            steps=tuple(derivation.steps),
            result=agreed.amount,
            what_would_change=("another adjustment",),
        )
