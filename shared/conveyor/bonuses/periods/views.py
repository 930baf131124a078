"""A period as it is answered."""

from datetime import datetime
from typing import Literal

from conveyor.contracts.values import WireMoney
from conveyor.kit.http.models import AnswerModel

PeriodState = Literal["open", "in_review", "closed"]


class PeriodView(AnswerModel):
    """A month; `totals` is the sum of its entries per currency, `journal_no` and `chain_head` are those at closing.

    A month in review still takes entries; `signed_off` counts the employees who signed a statement of it.
    """

    id: str
    period: str
    state: PeriodState
    totals: list[WireMoney]
    review_opened_at: datetime | None = None
    review_opened_by: str | None = None
    signed_off: int = 0
    closed_at: datetime | None = None
    closed_by: str | None = None
    statements: int | None = None
    journal_no: int | None = None
    chain_head: str | None = None
