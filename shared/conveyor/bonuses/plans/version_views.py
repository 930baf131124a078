"""Versions, lint, replays and quotas as they are answered."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from conveyor.bonuses.plans.documents import PlanDocument
from conveyor.contracts.values import WireMoney
from conveyor.kit.http.models import AnswerModel


class FindingView(AnswerModel):
    """Something suspicious; an error keeps the version from being published, a warning has to be acknowledged."""

    level: Literal["error", "warning"]
    code: str
    pointer: str
    text: str


class LintView(AnswerModel):
    """`ok` means no errors."""

    ok: bool
    findings: list[FindingView]


class VersionView(AnswerModel):
    """One version of a plan. The document never changes; a draft pays nobody until it is published."""

    id: str
    code: str
    version: int
    effective_from: date
    state: Literal["draft", "published"]
    author: str | None
    recorded_at: datetime | None
    approved_by: str | None
    published_at: datetime | None
    replay_id: UUID | None
    lint: LintView
    document: PlanDocument


class ComparisonView(AnswerModel):
    """Old against new in one currency; `difference` is new minus old."""

    old: WireMoney
    new: WireMoney
    difference: WireMoney


class EmployeeComparisonView(ComparisonView):
    """One employee's; who earns less is a loser."""

    employee_id: UUID
    outcome: Literal["winner", "loser", "unchanged"]


class ReplayResultView(AnswerModel):
    """Per currency in total, and per employee."""

    totals: list[ComparisonView]
    employees: list[EmployeeComparisonView]
    winners: int
    losers: int


class ReplayView(AnswerModel):
    """A version played over months. `done` of `total` leads and people were evaluated; `result` follows at the end."""

    id: UUID
    code: str
    version: int
    first_period: str
    last_period: str
    state: str
    done: int
    total: int
    requested_by: str
    recorded_at: datetime
    finished_at: datetime | None
    result: ReplayResultView | None


class QuotaRevisionView(AnswerModel):
    """A quota as somebody set it."""

    revision: int
    amount: WireMoney | None
    count: int | None
    actor: str
    recorded_at: datetime


class QuotaView(AnswerModel):
    """The quota that stands (revision 0: none was set) and all its revisions, oldest first."""

    employee_id: UUID
    period: str
    revision: int
    amount: WireMoney | None
    count: int | None
    history: list[QuotaRevisionView]
