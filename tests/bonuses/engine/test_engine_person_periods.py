"""Components over a person's month or quarter: tiers, caps, floors, gates, measures, chains."""

from datetime import date
from typing import Any

import pytest

from conveyor.bonuses.engine.lines import Evaluation
from conveyor.bonuses.engine.norms import ChainFact, QuotaFact
from conveyor.kit.money import Money
from tests.bonuses.engine.recomputed import recomputed_minor
from tests.bonuses.engine.story import ANNA, BORIS, VERA, Department, Story, employee, money, named, plan, told

CLARA = employee("Clara", "ae", "0202")
# comp-and-crm.md (c) 5: bands 0-1000 at 5 % and from 1000 at 10 %.
BANDS = [{"from_value": "0", "until_value": "1000.00", "rate": "0.05"}, {"from_value": "1000.00", "rate": "0.10"}]


def tiered(mode: str, tiers: list[dict[str, Any]] | None = None, **terms: Any) -> dict[str, Any]:
    limits = terms.pop("limits", {"period": "month"})
    table = {"mode": mode, "tiers": tiers or BANDS, **({"by": terms.pop("by")} if "by" in terms else {})}
    selector = {"by": "client_age", "from_months": 0}
    component = {"kind": "percent_of_payment", "code": "share", "selector": selector, "limits": limits, **terms}
    return {**component, "tiers": table}


def bonus(**terms: Any) -> dict[str, Any]:
    return {"kind": "period_bonus", "code": "bonus", "period": "month", "per": "employee", **terms}


def ae(story: Story, *components: dict[str, Any], through: str = "2025-04", **department: Any) -> Evaluation:
    terms = {name: department.pop(name) for name in ("ramp",) if name in department}
    of = Department(ANNA, BORIS, CLARA, VERA, plan=plan("ae", *components, **terms), **department)
    evaluation = of.evaluate("ae", story.facts, through=through)
    for line in evaluation.lines:
        assert recomputed_minor(line) == line.amount.amount_minor
        assert line.timing == "at_close"
    return evaluation


def paying(*amounts: str, owner: str = "Boris") -> Story:
    """One lead per payment, all of April."""
    story = Story()
    for number, amount in enumerate(amounts):
        story.accepted(owner, f"L{number}", "2025-03-01 10:00", f"H{number}", deal=f"D{number}")
        story.paid(f"L{number}", f"P{number}", f"2025-04-{number + 1:02d} 10:00", amount)
    return story


def amounts(evaluation: Evaluation) -> list[str]:
    return [line.amount.text for line in evaluation.lines]


@pytest.mark.parametrize(
    ("paid", "mode", "lines"),
    [
        (("600.00", "600.00"), "marginal", ["30.00", "40.00"]),
        (("1200.00",), "marginal", ["70.00"]),
        (("600.00", "600.00"), "whole", ["60.00", "60.00"]),
        (("1200.00",), "whole", ["120.00"]),
        (("1000.00",), "whole", ["100.00"]),
        (("999.99",), "whole", ["50.00"]),
        (("1000.50",), "marginal", ["50.05"]),
        (("2000.01",), "whole", ["200.00"]),
    ],
)
def test_tiers_over_the_total_and_half_open(paid: tuple[str, ...], mode: str, lines: list[str]) -> None:
    """comp-and-crm.md (b) 7 and (c) 5: tiers over the total, not per line; no gap at 1000.50."""
    assert amounts(ae(paying(*paid), tiered(mode))) == lines


def test_three_thirds_of_a_kopeck_are_paid_as_their_sum() -> None:
    """comp-and-crm.md (b) 15: cents add up, since the running sum is rounded and not each line."""
    tiers = [{"rate": "0.05"}]
    story = paying(*["0.30"] * 20)  # each alone is 1.5 kopecks, together 30
    evaluation = ae(story, tiered("marginal", tiers))
    assert sum(line.amount.amount_minor for line in evaluation.lines) == 30


def test_of_overlapping_tiers_the_later_beginning_counts_and_a_gap_pays_nothing() -> None:
    tiers = [
        {"from_value": "0", "until_value": "1000.00", "rate": "0.50"},
        {"from_value": "500.00", "until_value": "800.00", "rate": "0.10"},
        {"from_value": "2000.00", "rate": "0.20"},
    ]
    # 500 × 50 % + 300 × 10 % + 200 × 50 % + nothing for 1000 + 1000 × 20 %
    assert amounts(ae(paying("3000.00"), tiered("marginal", tiers))) == ["580.00"]
    (absent,) = ae(paying("1500.00"), tiered("whole", tiers)).absences
    assert absent.reason_code == "no_tier"


def test_a_refund_takes_back_its_share_and_frees_no_tier() -> None:
    story = paying("600.00", "600.00")
    story.refunded("L1", "R", "P1", "2025-06-10 10:00", "600.00")
    assert told(ae(story, tiered("marginal")).lines) == [
        ("share", "P0", "2025-04-01", "30.00"),
        ("share", "P1", "2025-04-02", "40.00"),
        ("share", "R", "2025-06-10", "-40.00"),
    ]


def test_cap_and_floor_of_a_month() -> None:
    limits = {"period": "month", "cap": money("50.00"), "floor": money("20.00")}
    capped = ae(paying("600.00", "600.00", "600.00"), tiered("marginal", limits=limits))
    # The floor is Clara's, who earned nothing.
    assert sorted((line.cause, line.amount.text) for line in capped.lines if line.earned_on.month == 4) == [
        ("in:2025-04/floor", "20.00"),
        ("in:2025-04/payment:bank:P0", "30.00"),
        ("in:2025-04/payment:bank:P1", "20.00"),
    ]
    assert [item.reason_code for item in capped.absences] == ["cap_exhausted"]
    low = ae(paying("100.00"), tiered("marginal", limits=limits)).lines
    assert [line.amount.text for line in low if line.employee_id == named("Boris")] == ["5.00", "15.00"]


def test_tiers_by_attainment_of_the_quota_and_no_quota() -> None:
    tiers = [{"from_value": "0", "until_value": "100", "rate": "0.05"}, {"from_value": "100", "rate": "0.10"}]
    component = tiered("marginal", tiers, by="attainment")
    assert [item.reason_code for item in ae(paying("1500.00"), component).absences] == ["no_quota"]
    first = QuotaFact(named("Boris"), "2025-04", 1, Money(50000, "RUB"))
    revised = QuotaFact(named("Boris"), "2025-04", 2, Money(100000, "RUB"))
    assert amounts(ae(paying("1500.00"), component, quotas=(revised, first))) == ["100.00"]


GATE: dict[str, Any] = {"kind": "kpi_gate", "code": "norm", "min_seconds": 30, "norm_per_working_day": 1}


@pytest.mark.parametrize(
    ("gate", "calls", "line"),
    [
        ({}, 11, "30.00"),
        ({}, 44, "60.00"),
        ({"ceiling_percent": 150}, 44, "90.00"),
        ({"mode": "off_below", "opens_at_percent": 50}, 10, None),
        ({"mode": "off_below", "opens_at_percent": 50}, 11, "60.00"),
        ({"mode": "steps", "steps": [{"from_percent": 50, "pays_percent": 80}]}, 10, None),
        ({"mode": "steps", "steps": [{"from_percent": 50, "pays_percent": 80}]}, 11, "48.00"),
        (
            {
                "mode": "steps",
                "steps": [{"from_percent": 50, "pays_percent": 80}, {"from_percent": 100, "pays_percent": 120}],
            },
            22,
            "72.00",
        ),
    ],
)
def test_gates_turn_a_percentage_on_off_or_down(gate: dict[str, Any], calls: int, line: str | None) -> None:
    """April 2025 has 22 working days: a norm of 22 calls."""
    story = paying("600.00")
    for number in range(calls):
        story.call("Boris", f"2025-04-10 {8 + number // 6:02d}:{number % 6}0", 30)
    component = tiered("marginal", [{"rate": "0.10"}], gated_by="norm")
    evaluation = ae(story, component, {**GATE, **gate})
    assert amounts(evaluation) == ([line] if line else [])
    assert [item.reason_code for item in evaluation.absences] == ([] if line else ["gate_closed"])


@pytest.mark.parametrize(
    ("component", "line"),
    [
        (bonus(amount=money("500.00"), threshold=money("900.00")), "500.00"),
        (bonus(amount=money("500.00"), threshold=money("900.01")), None),
        (bonus(amount=money("500.00"), measure="distinct_clients", threshold_count=2), "500.00"),
        (bonus(amount=money("500.00"), measure="distinct_clients", threshold_count=3), None),
        (bonus(tiers={"mode": "whole", "tiers": BANDS}), "45.00"),
        (
            bonus(
                tiers={
                    "mode": "whole",
                    "tiers": [
                        {"until_value": "900.00", "amount": money("1.00")},
                        {"from_value": "900.00", "amount": money("7.00")},
                    ],
                }
            ),
            "7.00",
        ),
        (
            bonus(
                tiers={
                    "mode": "marginal",
                    "tiers": [
                        {"until_value": "900.00", "amount": money("1.00")},
                        {"from_value": "900.00", "amount": money("7.00")},
                    ],
                }
            ),
            "8.00",
        ),
        (bonus(amount=money("500.00"), client_older_than_months=1, threshold=money("1.00")), None),
    ],
)
def test_bonuses_of_a_month(component: dict[str, Any], line: str | None) -> None:
    story = paying("600.00", "600.00")
    story.refunded("L1", "R", "P1", "2025-04-20 10:00", "300.00")
    evaluation = ae(story, component)
    assert [item.amount.text for item in evaluation.lines if item.employee_id == named("Boris")] == (
        [line] if line else []
    )


HUNDRED_OF_A_CHAIN = bonus(per="chain", amount=money("100.00"), threshold=money("600.00"))


def two_paying() -> Story:
    """600.00 of Boris's client and 500.00 of Clara's in April."""
    story = paying("600.00")
    story.accepted("Clara", "LC", "2025-03-01 10:00", "HC", deal="DC")
    story.paid("LC", "PC", "2025-04-05 10:00", "500.00")
    return story


def test_a_chain_shares_what_it_reached_together() -> None:
    story = two_paying()
    chains = (ChainFact(named("Alpha"), date(2025, 1, 1), frozenset({named("Anna"), named("Boris"), named("Clara")})),)
    component = bonus(per="chain", amount=money("100.01"), threshold=money("1100.00"))
    evaluation = ae(story, component, chains=chains)
    # Two AEs of the chain; the odd kopeck goes to the lower payroll number.
    found = {line.employee_id: line.amount.text for line in evaluation.lines}
    assert found == {named("Boris"): "50.01", named("Clara"): "50.00"}
    codes = {item.reason_code for item in ae(story, component).absences}
    assert codes == {"not_in_a_chain"}


def test_whoever_joined_a_newer_chain_has_no_part_in_the_older_one() -> None:
    story = two_paying()
    older = ChainFact(named("Alpha"), date(2025, 1, 1), frozenset({named("Boris"), named("Clara")}))
    newer = ChainFact(named("Beta"), date(2025, 4, 1), frozenset({named("Clara")}))
    evaluation = ae(story, HUNDRED_OF_A_CHAIN, chains=(older, newer))
    assert {line.employee_id: line.amount.text for line in evaluation.lines} == {named("Boris"): "100.00"}


def test_whoever_left_has_no_part_in_his_chains_bonus() -> None:
    story = two_paying()
    chain = ChainFact(named("Alpha"), date(2025, 1, 1), frozenset({named("Boris"), named("Clara")}))
    gone = employee("Clara", "ae", "0202", left_on=date(2025, 4, 20))
    of = Department(BORIS, gone, plan=plan("ae", HUNDRED_OF_A_CHAIN), chains=(chain,))
    evaluation = of.evaluate("ae", story.facts, through="2025-04")
    assert {line.employee_id: line.amount.text for line in evaluation.lines} == {named("Boris"): "100.00"}
    assert (named("Clara"), "not_in_a_chain") in {(item.employee_id, item.reason_code) for item in evaluation.absences}


def test_caps_per_period_of_facts() -> None:
    letter = {
        "kind": "per_fact",
        "code": "letter",
        "fact": "letter_general",
        "amount": money("20.00"),
        "limits": {"period": "month", "cap_count": 2, "cap": money("30.00")},
    }
    story = Story()
    for number in range(3):
        story.work("letter_general", "Anna", f"L{number}", f"2025-04-0{number + 1} 10:00")
    story.work("letter_general", "Anna", "L9", "2025-05-01 00:00")
    evaluation = Department(plan=plan("sdr", letter)).evaluate("sdr", story.facts, through="2025-05")
    assert [(line.earned_on.month, line.amount.text) for line in evaluation.lines] == [
        (4, "20.00"),
        (4, "10.00"),
        (5, "20.00"),
    ]
    assert [item.reason_code for item in evaluation.absences] == ["cap_exhausted"]


def test_a_ramp_eases_sum_and_quota() -> None:
    newcomer = employee("Boris", "ae", "0201", hired_on=date(2025, 4, 10))
    component = bonus(amount=money("1000.00"), of_quota_up_to_percent=200)
    ramp = [{"until_months": 3, "pays_percent": 80, "quota_percent": 50}]
    quotas = (QuotaFact(named("Boris"), "2025-04", 1, Money(120000, "RUB")),)
    department = Department(newcomer, plan=plan("ae", component, ramp=ramp), quotas=quotas)
    story = paying("600.00")
    story.facts[-1] = story.paid("L0", "P9", "2025-04-12 10:00", "600.00")
    evaluation = department.evaluate("ae", story.facts, through="2025-04")
    assert [recomputed_minor(line) for line in evaluation.lines] == [160000]
