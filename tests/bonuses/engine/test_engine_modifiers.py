"""Modifiers of percentages and facts: base, ramp, split, holdback, clawback, confirmation, credit protection."""

from datetime import date
from typing import Any

import pytest

from conveyor.bonuses.engine.lines import Evaluation
from conveyor.kit.money import Money
from tests.bonuses.engine.recomputed import recomputed_minor
from tests.bonuses.engine.story import ANNA, BORIS, VERA, Department, Story, employee, money, named, plan, told, totals

CLARA = employee("Clara", "ae", "0202")
DORA = employee("Dora", "sdr", "0102")


def percent(**terms: Any) -> dict[str, Any]:
    selector = {"by": "client_age", "from_months": 0}
    return {"kind": "percent_of_payment", "code": "share", "rate": "0.10", "selector": selector, **terms}


def ae(story: Story, *components: dict[str, Any], boris: Any = BORIS, **terms: Any) -> Evaluation:
    department = Department(ANNA, boris, CLARA, VERA, DORA, plan=plan("ae", *components, **terms))
    evaluation = department.evaluate("ae", story.facts)
    for line in evaluation.lines:
        assert recomputed_minor(line) == line.amount.amount_minor
    return evaluation


def owned(story: Story | None = None) -> Story:
    story = story or Story()
    story.accepted("Boris", "L", "2025-03-01 10:00", "H", deal="D")
    return story


@pytest.mark.parametrize(("vat", "line"), [("20000.00", "10000.00"), (None, "12000.00"), ("130000.00", None)])
def test_net_of_vat(vat: str | None, line: str | None) -> None:
    story = owned()
    story.paid("L", "P", "2025-04-01 10:00", "120000.00", vat=vat)
    found = [item.amount.text for item in ae(story, percent(base="net_of_vat")).lines]
    assert found == ([line] if line else [])


def test_a_refund_of_a_net_line_takes_back_in_proportion() -> None:
    story = owned()
    story.paid("L", "P", "2025-04-01 10:00", "120000.00", vat="20000.00")
    story.refunded("L", "R", "P", "2025-05-01 10:00", "30000.00")
    assert [line.amount.text for line in ae(story, percent(base="net_of_vat")).lines] == ["10000.00", "-2500.00"]


RAMP = [
    {"from_months": 0, "until_months": 1, "pays_percent": 50},
    {"from_months": 1, "until_months": 3, "pays_percent": 75},
]


@pytest.mark.parametrize(
    ("day", "line"),
    [("2025-04-29", "50.00"), ("2025-04-30", "75.00"), ("2025-06-29", "75.00"), ("2025-06-30", "100.00")],
)
def test_ramp_by_months_since_hiring_clamped_to_the_months_end(day: str, line: str) -> None:
    story = owned()
    story.paid("L", "P", f"{day} 12:00", "1000.00")
    newcomer = employee("Boris", "ae", "0201", hired_on=date(2025, 3, 31))
    evaluation = ae(story, percent(), boris=newcomer, ramp=RAMP)
    assert [item.amount.text for item in evaluation.lines] == [line]


def split(*weights: tuple[str, int]) -> dict[str, Any]:
    return percent(split=[{"who": who, "weight": weight} for who, weight in weights])


@pytest.mark.parametrize(
    ("weights", "boris", "clara"),
    [
        ((("credited", 70), ("first", 30)), "0.30", "0.70"),
        ((("credited", 2), ("previous", 1)), "0.33", "0.67"),
        ((("credited", 1), ("first", 1), ("previous", 1)), "0.67", "0.33"),
        ((("first", 1),), "1.00", None),
    ],
)
def test_split_by_largest_remainder(weights: Any, boris: str, clara: str | None) -> None:
    story = owned()
    story.owner("Clara", "L", "2025-04-01 00:00", 1, deal="D")
    story.paid("L", "P", "2025-04-02 10:00", "10.00")
    lines = ae(story, split(*weights)).lines
    assert totals(lines, "Boris").get("2025-04") == boris
    assert totals(lines, "Clara").get("2025-04") == clara
    assert sum(line.amount.amount_minor for line in lines) == 100


def test_the_share_of_a_leaver_goes_to_who_remains() -> None:
    story = owned()
    story.owner("Clara", "L", "2025-04-01 00:00", 1, deal="D")
    story.paid("L", "P", "2025-04-02 10:00", "10.00")
    gone = employee("Boris", "ae", "0201", left_on=date(2025, 4, 2))
    lines = ae(story, split(("credited", 70), ("first", 30)), boris=gone).lines
    assert [(line.employee_id, line.amount.text) for line in lines] == [(named("Clara"), "1.00")]


def test_a_refund_takes_back_from_each_part_once() -> None:
    """comp-and-crm.md (b) 1 and 3: the sign and the sum of a reversal are the line's, not the rule's."""
    story = owned()
    story.owner("Clara", "L", "2025-04-01 00:00", 1, deal="D")
    story.paid("L", "P", "2025-04-02 10:00", "10.01")
    story.refunded("L", "R1", "P", "2025-04-03 10:00", "3.34")
    story.refunded("L", "R2", "P", "2025-05-03 10:00", "6.67")
    lines = ae(story, split(("credited", 1), ("first", 1), ("previous", 1))).lines
    for name in ("Boris", "Clara"):
        assert sum(line.amount.amount_minor for line in lines if line.employee_id == named(name)) == 0


def test_holdback_of_a_part_until_a_day() -> None:
    story = owned()
    story.paid("L", "P", "2025-04-01 10:00", "100.05")
    story.refunded("L", "R", "P", "2025-04-10 10:00", "100.05")
    lines = ae(story, percent(holdback={"percent": 30, "days": 60})).lines
    assert [(line.cause, line.earned_on.isoformat(), line.amount.text) for line in lines] == [
        ("payment:bank:P", "2025-04-01", "7.01"),
        ("refund:bank:R", "2025-04-10", "-7.01"),
        ("held:payment:bank:P", "2025-05-31", "3.00"),
        ("held:refund:bank:R", "2025-05-31", "-3.00"),
    ]


def test_holdback_until_the_contract_is_signed() -> None:
    story = owned()
    story.paid("L", "P", "2025-04-01 10:00", "100.00")
    held = percent(holdback={"contract_signed": True})
    assert [(item.reason_code, item.text) for item in ae(story, held).absences] == [
        ("held", "held until the deal's contract is signed")
    ]
    story.contract("L", "D", "C", "2025-05-05 10:00")
    assert told(ae(story, held).lines) == [("share", "P", "2025-05-05", "10.00")]


@pytest.mark.parametrize(
    ("clawback", "refunded", "taken"),
    [
        ({"within_days": 100}, "2025-04-01", "-10.00"),
        ({"within_days": 100}, "2025-07-09", "-10.00"),
        ({"within_days": 100}, "2025-07-10", None),
        ({"within_days": 100, "decay": "linear"}, "2025-04-01", "-10.00"),
        ({"within_days": 100, "decay": "linear"}, "2025-04-26", "-7.50"),
        ({"within_days": 100, "decay": "linear"}, "2025-07-09", "-0.10"),
        ({"within_days": 100, "decay": "linear"}, "2025-07-10", None),
    ],
)
def test_clawback_window_and_decay(clawback: dict[str, Any], refunded: str, taken: str | None) -> None:
    story = owned()
    story.paid("L", "P", "2025-04-01 10:00", "100.00")
    story.refunded("L", "R", "P", f"{refunded} 12:00", "100.00")
    found = [line.amount.text for line in ae(story, percent(clawback=clawback)).lines]
    assert found == (["10.00", taken] if taken else ["10.00"])


def test_a_decaying_clawback_weighs_each_refund_by_its_own_day() -> None:
    story = owned()
    story.paid("L", "P", "2025-04-01 10:00", "100.00")
    story.refunded("L", "R1", "P", "2025-04-01 12:00", "50.00")
    story.refunded("L", "R2", "P", "2025-05-21 12:00", "50.00")
    lines = ae(story, percent(clawback={"within_days": 100, "decay": "linear"})).lines
    assert [line.amount.text for line in lines] == ["10.00", "-5.00", "-2.50"]


def sdr(story: Story, **terms: Any) -> Evaluation:
    document = plan("sdr", percent(), **terms)
    evaluation = Department(ANNA, DORA, BORIS, VERA, plan=document).evaluate("sdr", story.facts)
    for line in evaluation.lines:
        assert recomputed_minor(line) == line.amount.amount_minor
    return evaluation


def recycled(booked_again: str) -> Story:
    """Anna's lead goes to closing, comes back to the base on 1 April, and Dora books it again."""
    story = Story()
    story.booked("Anna", "L", "2025-03-01 10:00", "M1")
    story.accepted("Boris", "L", "2025-03-01 12:00", "M1", deal="D1")
    story.accepted("Anna", "L", "2025-04-01 12:00", "back", from_stage="closing", to_stage="telemarketing")
    story.booked("Dora", "L", f"{booked_again} 10:00", "M2")
    story.accepted("Boris", "L", f"{booked_again} 12:00", "M2", deal="D1")
    story.paid("L", "P", "2025-09-01 10:00", "1000.00")
    return story


@pytest.mark.parametrize(
    ("days", "booked_again", "credited"),
    [(45, "2025-05-15", "Anna"), (45, "2025-05-16", "Dora"), (0, "2025-04-02", "Dora"), (60, "2025-05-30", "Anna")],
)
def test_a_returned_lead_keeps_its_sdrs_claim_for_so_many_days(days: int, booked_again: str, credited: str) -> None:
    """comp-and-crm.md (b) 11: a 45 or 60 day credit window, on this lead only."""
    lines = sdr(recycled(booked_again), credit_protection_days=days).lines
    assert [(line.employee_id, line.amount.text) for line in lines] == [(named(credited), "100.00")]


def test_a_handoff_returned_protects_as_well() -> None:
    story = Story()
    story.booked("Anna", "L", "2025-03-01 10:00", "M1")
    story.withdrawn("handoff_returned", "M1", "2025-03-05 10:00", "no_budget")
    story.booked("Dora", "L", "2025-03-20 10:00", "M2")
    story.accepted("Boris", "L", "2025-03-20 12:00", "M2", deal="D")
    story.paid("L", "P", "2025-04-01 10:00", "1000.00")
    assert sdr(story, credit_protection_days=45).lines[0].employee_id == named("Anna")
    assert sdr(story, credit_protection_days=10).lines[0].employee_id == named("Dora")


def test_a_fact_is_credited_when_it_is_confirmed() -> None:
    booked = {
        "kind": "per_fact",
        "code": "meeting",
        "fact": "meeting_booked",
        "amount": money("700.00"),
        "confirmed_by": ["meeting_held"],
    }
    story = Story()
    story.booked("Anna", "L", "2025-03-30 10:00", "M1")
    department = Department(plan=plan("sdr", booked))
    (absent,) = department.evaluate("sdr", story.facts).absences
    assert (absent.reason_code, absent.text) == ("not_confirmed", "not confirmed yet: meeting held")
    story.held("L", "M1", "2025-04-02 10:00")
    (line,) = department.evaluate("sdr", story.facts).lines
    assert (line.earned_on, line.amount) == (date(2025, 4, 2), Money(70000, "RUB"))
