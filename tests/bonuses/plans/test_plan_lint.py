"""The lint: gaps, overlaps, cliffs, unreachable components, facts that nobody publishes, shares of a payment."""

from typing import Any

import pytest

from conveyor.bonuses.plans.documents import PlanDocument
from conveyor.bonuses.plans.drafts import PUBLISHED_FACTS
from conveyor.bonuses.plans.lint import Finding, lint
from conveyor.bonuses.plans.standard import STANDARD_PLANS
from tests.bonuses.engine.published_plans import FLOWFUSE_SDR, POSTHOG_AE, POSTHOG_AE_MONTHLY, POSTHOG_AM_MONTHLY
from tests.bonuses.engine.story import money, plan


def tier(from_value: str, until_value: str | None, rate: str) -> dict[str, Any]:
    return {"from_value": from_value, "until_value": until_value, "rate": rate}


def tiered(*tiers: dict[str, Any], mode: str = "marginal") -> PlanDocument:
    component = {
        "kind": "percent_of_payment",
        "code": "share",
        "selector": {"by": "paying_month", "which": "any"},
        "limits": {"period": "month"},
        "tiers": {"mode": mode, "tiers": list(tiers)},
    }
    return plan("ae", component)


def codes(document: PlanDocument) -> list[tuple[str, str]]:
    return [(item.level, item.code) for item in found(document)]


def found(document: PlanDocument) -> list[Finding]:
    return lint(document, published=PUBLISHED_FACTS)


@pytest.mark.parametrize(
    "document",
    [*STANDARD_PLANS.values(), FLOWFUSE_SDR, POSTHOG_AE, POSTHOG_AE_MONTHLY, POSTHOG_AM_MONTHLY],
)
def test_real_plans_are_sound(document: PlanDocument) -> None:
    assert found(document) == []


@pytest.mark.parametrize(
    ("tiers", "mode", "said"),
    [
        ([tier("0", "1000.00", "0.05"), tier("1000.00", None, "0.10")], "whole", []),
        # comp-and-crm.md (c) 5: bands 0 to 1000 and 1001 to 2000 pay nothing for 1000.50.
        (
            [tier("0", "1000.00", "0.05"), tier("1001.00", "2000.00", "0.10")],
            "marginal",
            [("error", "tier_gap"), ("warning", "tiers_end")],
        ),
        ([tier("0", "1000.00", "0.05"), tier("900.00", None, "0.10")], "marginal", [("error", "tier_overlap")]),
        ([tier("0", None, "0.05"), tier("900.00", "950.00", "0.10")], "marginal", [("error", "tier_overlap")]),
        ([tier("100.00", None, "0.05")], "marginal", [("warning", "tier_gap")]),
        ([tier("0", "1000.00", "0.10"), tier("1000.00", None, "0.05")], "whole", [("warning", "cliff")]),
        ([tier("0", "1000.00", "0.10"), tier("1000.00", None, "0.05")], "marginal", []),
        (
            [tier("0", "1000.00", "0.10"), tier("0", "1000.00", "0.20"), tier("1000.00", None, "0.20")],
            "marginal",
            [("error", "tier_overlap"), ("error", "unreachable")],
        ),
        ([tier("0", "1000.00", "0.10")], "whole", [("warning", "tiers_end"), ("warning", "cliff")]),
    ],
)
def test_tiers(tiers: list[dict[str, Any]], mode: str, said: list[tuple[str, str]]) -> None:
    assert codes(tiered(*tiers, mode=mode)) == said


def test_a_cliff_says_where() -> None:
    (cliff,) = found(tiered(tier("0", "1000.00", "0.10"), tier("1000.00", None, "0.05"), mode="whole"))
    assert cliff.pointer == "/components/0/tiers/tiers"
    assert cliff.text == "at 1000 the next tier pays less than the one from 0 just below it"


def test_sums_and_gates_have_cliffs_too() -> None:
    sums = [
        {"until_value": "10", "amount": money("500.00")},
        {"from_value": "10", "amount": money("400.00")},
    ]
    bonus = {
        "kind": "period_bonus",
        "code": "bonus",
        "period": "month",
        "per": "employee",
        "measure": "distinct_clients",
        "tiers": {"mode": "whole", "tiers": sums},
    }
    assert codes(plan("ae", bonus)) == [("warning", "cliff")]
    steps = [{"from_percent": 50, "pays_percent": 100}, {"from_percent": 90, "pays_percent": 80}]
    gate = {"kind": "kpi_gate", "code": "norm", "min_seconds": 1, "norm_per_working_day": 1, "mode": "steps"}
    letter = {
        "kind": "per_fact",
        "code": "letter",
        "fact": "letter_general",
        "amount": money("1.00"),
        "gated_by": "norm",
    }
    assert codes(plan("sdr", letter, {**gate, "steps": steps})) == [("warning", "cliff")]


def test_what_can_never_pay() -> None:
    gate = {"kind": "kpi_gate", "code": "norm", "min_seconds": 1, "norm_per_working_day": 1}
    letter = {"kind": "per_fact", "code": "letter", "fact": "letter_general", "amount": money("1.00")}
    assert codes(plan("sdr", letter, gate)) == [("warning", "unreachable")]
    assert codes(plan("am", letter)) == [("error", "unreachable")]


def test_a_fact_that_nobody_publishes() -> None:
    said = lint(FLOWFUSE_SDR, published=PUBLISHED_FACTS - {"meeting_held"})
    assert [(item.level, item.code, item.pointer) for item in said] == [
        ("error", "fact_not_published", "/components/0")
    ]
    assert said[0].text == "nobody publishes meeting_held: qualified_meeting never pays"


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        (("0.20", "0.10"), []),
        (("0.20", "0.11"), [("warning", "above_share")]),
        (("0.60", "0.50"), [("error", "above_share")]),
    ],
)
def test_sums_above_a_set_share_of_the_payment(rates: tuple[str, str], said: list[tuple[str, str]]) -> None:
    first, any_age = rates
    by_month = {"kind": "percent_of_payment", "code": "month", "rate": first}
    by_age = {"kind": "percent_of_payment", "code": "age", "rate": any_age}
    document = plan(
        "ae",
        {**by_month, "selector": {"by": "paying_month", "which": "first"}},
        {**by_age, "selector": {"by": "client_age", "from_months": 0}},
    )
    assert codes(document) == said
