"""A period as it is answered."""

from datetime import datetime
from typing import Literal

from conveyor.contracts.values import WireMoney
from conveyor.kit.http.models import AnswerModel

PeriodState = Literal["open", "closed"]


class PeriodView(AnswerModel):
    """A month; `totals` is the sum of its entries per currency, `journal_no` and `chain_head` are those at closing."""

    id: str
    period: str
    state: PeriodState
    totals: list[WireMoney]
    closed_at: datetime | None = None
    closed_by: str | None = None
    statements: int | None = None
    journal_no: int | None = None
    chain_head: str | None = None
