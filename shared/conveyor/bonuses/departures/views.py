"""How the bonus part of a departure's preview is answered."""

from datetime import date
from uuid import UUID

from conveyor.contracts.values import WireMoney
from conveyor.kit.http.models import AnswerModel


class BonusTotalChange(AnswerModel):
    """How much more, or less when negative, an employee would have in a currency."""

    employee_id: UUID
    change: WireMoney


class BonusLineChange(AnswerModel):
    """A line that would go, come or pass to somebody else; null where there is none. `lead` is the company's name."""

    component: str
    cause_id: str
    lead_id: UUID | None
    lead: str | None
    earned_on: date
    from_employee_id: UUID | None
    from_amount: WireMoney | None
    to_employee_id: UUID | None
    to_amount: WireMoney | None


class BonusChanges(AnswerModel):
    """Totals over all lines; `lines` oldest first, cut to the first thousand of `line_count`."""

    totals: list[BonusTotalChange]
    line_count: int
    lines: list[BonusLineChange]
