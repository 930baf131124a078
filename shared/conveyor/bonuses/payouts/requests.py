"""What payroll sends."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from conveyor.bonuses.months import PeriodText
from conveyor.bonuses.payouts.release_lines import RejectedLineInput
from conveyor.contracts.values import NonNegativeInt, Text, WireMoney
from conveyor.kit.http.models import RequestModel

LINES_MAX = 1_000


class PayoutBatchRequest(RequestModel):
    """Which closed month to pay out, with everything earlier that no batch holds yet."""

    period: PeriodText


class RejectedLineRequest(RequestModel):
    """A row of the file by its columns; without `lead` that of any lead. `reason` is payroll's own."""

    payroll_number: Text
    component: Text
    cause_id: Text
    lead: Annotated[str, Field(max_length=500)] | None = None
    reason: Text

    def as_input(self) -> RejectedLineInput:
        """For the action."""
        return RejectedLineInput(
            payroll_number=self.payroll_number,
            component=self.component,
            cause_id=self.cause_id,
            lead=self.lead,
            reason=self.reason,
        )


class AcknowledgementRequest(RequestModel):
    """Payroll's own run, and the control totals as it read them: of the whole file, rejected lines included."""

    external_run_id: Text
    lines: Annotated[NonNegativeInt, Field(strict=True)]
    totals: Annotated[tuple[WireMoney, ...], Field(max_length=200)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")]
    rejected_lines: Annotated[tuple[RejectedLineRequest, ...], Field(max_length=LINES_MAX)] = ()


class RejectedLinesRequest(RequestModel):
    """Lines that payroll could not pay."""

    lines: Annotated[tuple[RejectedLineRequest, ...], Field(min_length=1, max_length=LINES_MAX)]


class RejectionRequest(RequestModel):
    """Why the whole batch is rejected."""

    reason: Text


class PaymentRequest(RequestModel):
    """When payroll paid, by its own date."""

    paid_on: date | None = None


class HoldRequest(RequestModel):
    """An entry, or an employee with everything that is in no batch yet, and why it is not to be paid now."""

    entry_id: UUID | None = None
    employee_id: UUID | None = None
    reason: Text

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.entry_id is None) == (self.employee_id is None):
            msg = "name either entry_id or employee_id"
            raise ValueError(msg)
        return self


class ReleaseRequest(RequestModel):
    """Why it may be paid now."""

    reason: Text | None = None
