"""What an employee earned and why, as it is answered."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from conveyor.bonuses.periods.views import PeriodState
from conveyor.bonuses.statements.rules import NetLine, lines_hash, statement_hash
from conveyor.bonuses.statements.tables import SignOff
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
    """A month of an employee; provisional while the period is open. `total` is in the department's currency.

    With `recorded_as_of` it is what this month showed at that instant: entries recorded until then, and the month's
    state then. With `known_as_of` it is what this month should be: everything earned in it, whichever month it was
    posted into, by what was recorded until then.
    """

    employee_id: UUID
    period: str
    state: PeriodState
    total: WireMoney
    other_totals: list[WireMoney]
    lines: list[LineView]
    recorded_as_of: datetime | None = None
    known_as_of: datetime | None = None


class SignOffView(AnswerModel):
    """An employee agreed to the statement of this hash, as a draft or closed."""

    id: UUID
    period: str
    employee_id: UUID
    state: Literal["draft", "closed"]
    hash: str
    signed_at: datetime


class StatementView(AnswerModel):
    """A month as it was frozen at closing, or the draft of one in review.

    `hash` is SHA-256 over the canonical JSON of `document`. `signed_at` is when the employee agreed to what it says.
    """

    employee_id: UUID
    period: str
    state: Literal["draft", "closed"] = "closed"
    hash: str
    signed_at: datetime | None = None
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
    lang: Literal["en", "ru"]
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


def sign_off_view(signed: SignOff) -> SignOffView:
    """What was signed and when."""
    state: Literal["draft", "closed"] = "draft" if signed.state == "draft" else "closed"
    return SignOffView(
        id=signed.sign_off_id,
        period=signed.period,
        employee_id=signed.employee_id,
        state=state,
        hash=signed.hash,
        signed_at=signed.signed_at,
    )


def statement_view(
    document: dict[str, Any],
    *,
    frozen_hash: str | None,
    signed: Mapping[tuple[str, UUID, str], datetime],
) -> StatementView:
    """A statement under the hash that it was frozen with, or a draft, and when the employee agreed to what it says."""
    period, employee_id = document["period"], UUID(document["employee_id"])
    return StatementView(
        employee_id=employee_id,
        period=period,
        state="draft" if frozen_hash is None else "closed",
        hash=statement_hash(document) if frozen_hash is None else frozen_hash,
        signed_at=signed.get((period, employee_id, lines_hash(document))),
        document=document,
    )
