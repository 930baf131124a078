"""Batches as they are answered, and what payroll sends back."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from conveyor.bonuses.payouts.tables import PayoutBatch
from conveyor.contracts.values import WireMoney
from conveyor.kit.http.models import AnswerModel

BatchState = Literal["frozen", "exported", "acknowledged"]


class CarriedForward(AnswerModel):
    """Who stayed out whole, with the net that his entries in this batch would have had."""

    employee_id: UUID
    net: list[WireMoney]


class PayoutBatchView(AnswerModel):
    """A batch. `id` is also the `batch_id` of its rows; `lines`, `totals` and `sha256` are the control totals.

    `sha256` is that of the export with format `csv` and dialect `std`.
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


def batch_view(batch: PayoutBatch, *, role: str) -> PayoutBatchView:
    """The batch as it stands."""
    names = PayoutBatchView.model_fields.keys() - {"id", "role"}
    values = {name: getattr(batch, name) for name in names}
    return PayoutBatchView.model_validate({"id": batch.batch_id, "role": role, **values})
