"""What an employee earned and why, as it is answered."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from conveyor.bonuses.periods.views import PeriodState
from conveyor.bonuses.statements.rules import NetLine
from conveyor.contracts.values import WireMoney
from conveyor.kit.http.models import AnswerModel


class LineView(AnswerModel):
    """One line of a month; `lead` is the company's name. Without `entry_ids` it is not in the ledger yet."""

    component: str
    amount: WireMoney
    lead: str | None
    lead_id: UUID | None
    earned_on: date
    cause_id: str
    entry_ids: list[UUID]


class BonusesView(AnswerModel):
    """A month of an employee; provisional while the period is open. `total` is in the department's currency."""

    employee_id: UUID
    period: str
    state: PeriodState
    total: WireMoney
    other_totals: list[WireMoney]
    lines: list[LineView]


class StatementView(AnswerModel):
    """A month as it was frozen at closing; `hash` is SHA-256 over the canonical JSON of `document`."""

    employee_id: UUID
    period: str
    hash: str
    document: dict[str, Any]


class PresentView(AnswerModel):
    """A line that is there: in words, and the whole derivation."""

    component: str
    amount: WireMoney
    lead: str | None
    lead_id: UUID | None
    earned_on: date
    cause_id: str
    entry_ids: list[UUID]
    text: str
    explanation: dict[str, Any]


class AbsentView(AnswerModel):
    """A line that is not there, and why; `component` is null where no plan says which it would be."""

    component: str | None
    lead: str | None
    lead_id: UUID | None
    earned_on: date | None
    cause_id: str | None
    reason_code: str
    text: str
    details: dict[str, Any]


class WhyView(AnswerModel):
    """The answer to "why this, and why not that": `text` is all of it in words, one sentence each."""

    employee_id: UUID
    period: str | None
    lines: list[PresentView]
    absences: list[AbsentView]
    text: list[str]


def line_view(line: NetLine, names: Mapping[UUID, str]) -> LineView:
    """A net line with the company's name."""
    return LineView(
        component=line.component,
        amount=line.amount.to_wire(),
        lead=None if line.lead_id is None else names.get(line.lead_id, ""),
        lead_id=line.lead_id,
        earned_on=line.earned_on,
        cause_id=line.cause_id,
        entry_ids=list(line.entry_ids),
    )
