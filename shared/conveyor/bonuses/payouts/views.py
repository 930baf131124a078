"""Batches and holds as they are answered."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from conveyor.bonuses.payouts.rules import BatchState
from conveyor.bonuses.payouts.tables import PayoutBatch, PayoutHold
from conveyor.contracts.values import WireMoney
from conveyor.kit.http.models import AnswerModel


class CarriedForward(AnswerModel):
    """Who stayed out whole, with the net that his entries in this batch would have had."""

    employee_id: UUID
    net: list[WireMoney]


class PayoutBatchView(AnswerModel):
    """A batch. `id` is also the `batch_id` of its rows; `lines`, `totals` and `sha256` are the control totals.

    `sha256` is that of the export with format `csv` and dialect `std`. `rejected_lines` counts the rows that payroll
    could not pay: the file keeps them, their entries go into the next batch.
    """

    id: str
    batch_id: str
    period: str
    role: str
    number: int
    state: BatchState
    lines: int
    totals: list[WireMoney]
    sha256: str
    journal_no: int
    chain_head: str
    carried_forward: list[CarriedForward]
    frozen_at: datetime
    frozen_by: str
    exported_at: datetime | None
    acknowledged_at: datetime | None
    external_run_id: str | None
    paid_at: datetime | None
    paid_on: date | None
    rejected_at: datetime | None
    rejection_reason: str | None
    rejected_lines: int


class RejectedLineView(AnswerModel):
    """A row of the batch that payroll could not pay."""

    line_no: int
    payroll_number: str
    component: str
    cause_id: str
    lead: str
    amount: WireMoney
    reason: str
    rejected_at: datetime
    rejected_by: str


class RejectedLinesView(AnswerModel):
    """The batch after the rejection, and the rows that were rejected by it."""

    batch: PayoutBatchView
    lines: list[RejectedLineView]


class PayoutHoldView(AnswerModel):
    """What is kept out of batches: one entry, or everything of an employee."""

    id: UUID
    entry_id: UUID | None
    employee_id: UUID | None
    reason: str
    placed_at: datetime
    placed_by: str
    released_at: datetime | None
    released_by: str | None
    release_reason: str | None


def batch_view(batch: PayoutBatch, *, role: str) -> PayoutBatchView:
    """The batch as it stands."""
    names = PayoutBatchView.model_fields.keys() - {"id", "role"}
    values: dict[str, Any] = {name: getattr(batch, name) for name in names}
    return PayoutBatchView.model_validate({"id": batch.batch_id, "role": role, **values})


def hold_view(hold: PayoutHold) -> PayoutHoldView:
    """The hold as it stands."""
    values = {name: getattr(hold, name) for name in PayoutHoldView.model_fields.keys() - {"id"}}
    return PayoutHoldView.model_validate({"id": hold.hold_id, **values})
