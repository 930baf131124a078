"""Plan documents: what is accepted, what is refused, which version is in force for whom."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from conveyor.bonuses.engine.evaluate import PlanAssignment, PlanBook, Roster
from conveyor.bonuses.plans.documents import PlanDocument
from conveyor.bonuses.plans.standard import AE_STANDARD, AM_STANDARD, SDR_STANDARD, STANDARD_PLANS
from tests.bonuses.engine.story import ANNA, BORIS, named, revised

GATED = {
    "kind": "per_fact",
    "code": "letter",
    "fact": "letter_general",
    "amount": {"amount": "20.00", "currency": "RUB"},
}
PERCENT = {
    "kind": "percent_of_payment",
    "code": "share",
    "rate": "0.03",
    "selector": {"by": "paying_month", "which": "first"},
}


def _document(*components: dict[str, Any], **changes: object) -> dict[str, Any]:
    document = {"code": "x", "role": "sdr", "version": 1, "effective_from": "2025-01-01", "components": components}
    return {**document, **changes}


@pytest.mark.parametrize("document", STANDARD_PLANS.values(), ids=lambda document: document.code)
def test_a_document_survives_json(document: PlanDocument) -> None:
    assert PlanDocument.model_validate_json(document.model_dump_json()) == document
    assert PlanDocument.model_validate(document.model_dump(mode="json")) == document


@pytest.mark.parametrize(
    "document",
    [
        _document(),
        _document(GATED, GATED),
        _document(GATED, effective_from="2025-01-02"),
        _document(GATED, effective_from=1735689600),
        _document(GATED, version=0),
        _document(GATED, version="1"),
        _document(GATED, surprise=1),
        _document({**GATED, "gated_by": "norm"}),
        _document({**GATED, "gated_by": "letter"}),
        _document({**GATED, "fact": "coffee"}),
        _document({**GATED, "amount": {"amount": 20, "currency": "RUB"}}),
        _document({**GATED, "amount": {"amount": "-20.00", "currency": "RUB"}}),
        _document({**PERCENT, "rate": 0.03}),
        _document({**PERCENT, "rate": "0"}),
        _document({**PERCENT, "rate": "1.01"}),
        _document({**PERCENT, "rate": "3e-2"}),
        _document({**PERCENT, "rate": "٠.٠٣"}),
        _document({**PERCENT, "rate": "0.123456789"}),
        _document({**PERCENT, "kind": "formula"}),
        _document({**PERCENT, "selector": {"by": "paying_month", "which": "third"}}),
        _document({**PERCENT, "selector": {"by": "client_age", "from_months": 3, "until_months": 3}}),
        _document({**PERCENT, "selector": {"by": "client_age", "from_months": -1}}),
    ],
)
def test_what_contradicts_itself_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PlanDocument.model_validate(document)


def test_threshold_and_sum_are_in_one_currency() -> None:
    bonus = AM_STANDARD.period_bonuses[0].model_dump(mode="json")
    bonus["threshold"] = {"amount": "1.00", "currency": "EUR"}
    with pytest.raises(ValidationError):
        PlanDocument.model_validate(_document(bonus, role="am"))


def test_rates_are_exact() -> None:
    rates = [component.exact_rate for component in AE_STANDARD.percent_of_payment]
    assert [str(rate) for rate in rates] == ["1/10", "1/20"]


def _book(*versions: PlanDocument, assignments: tuple[PlanAssignment, ...] = ()) -> PlanBook:
    roster = Roster([ANNA, BORIS])
    return PlanBook(role="sdr", versions=versions, default_plan="sdr-standard", roster=roster, assignments=assignments)


def _second() -> PlanDocument:
    return revised(SDR_STANDARD, version=2, effective_from="2025-10-01")


@pytest.mark.parametrize(
    ("day", "version"), [(date(2025, 9, 30), 1), (date(2025, 10, 1), 2), (date(2030, 1, 1), 2), (date(2025, 1, 1), 1)]
)
def test_the_version_in_force(day: date, version: int) -> None:
    found = _book(_second(), SDR_STANDARD).version_for(named("Anna"), day)
    assert found is not None
    assert found.version == version


def test_nobody_is_on_a_plan_of_another_role_or_before_he_was_hired() -> None:
    book = _book(SDR_STANDARD)
    assert book.version_for(named("Boris"), date(2025, 9, 1)) is None
    assert book.version_for(named("Anna"), date(2024, 12, 31)) is None
    assert book.version_for(named("Nobody"), date(2025, 9, 1)) is None


def test_assignments_are_half_open_and_default_fills_the_rest() -> None:
    senior = revised(SDR_STANDARD, code="sdr-senior")
    spring = PlanAssignment(named("Anna"), "sdr-senior", date(2025, 3, 1), date(2025, 6, 1))
    pause = PlanAssignment(named("Anna"), None, date(2025, 5, 1), date(2025, 5, 2))
    book = _book(SDR_STANDARD, senior, assignments=(pause, spring))
    days = [date(2025, 2, 28), date(2025, 3, 1), date(2025, 5, 1), date(2025, 5, 31), date(2025, 6, 1)]
    codes = [book.plan_code_for(named("Anna"), day) for day in days]
    assert codes == ["sdr-standard", "sdr-senior", None, "sdr-senior", "sdr-standard"]


def test_why_there_is_no_version() -> None:
    book = _book(_second())
    assert book.why_no_version(named("Anna"), date(2025, 9, 30)) == (
        "no_plan_version",
        "plan sdr-standard had no version in force on 2025-09-30",
    )
    assert book.why_no_version(named("Boris"), date(2025, 9, 30))[0] == "plan_not_assigned"
