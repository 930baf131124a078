"""The golden quarter, to the kopeck, with its variants and its four questions."""

import random
from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime

import pytest

from conveyor.bonuses.engine.fact_set import AnyFact
from conveyor.bonuses.engine.lines import Absence, Line, LineKey
from conveyor.kit.calendar import Month
from conveyor.kit.money import Money
from tests.bonuses.engine.golden import golden_quarter
from tests.bonuses.engine.story import ANNA, BORIS, ROLES, VERA, Department, employee, named, told, totals

EXPECTED = {
    "sdr": ("Anna", {"2025-09": "10650.00", "2025-11": "-1500.00"}),
    "ae": ("Boris", {"2025-09": "30000.00", "2025-10": "7500.00", "2025-11": "-5000.00"}),
    "am": ("Vera", {"2025-09": "5000.00", "2025-10": "7500.00", "2025-11": "3500.00", "2025-12": "21800.00"}),
}


@pytest.mark.parametrize("seed", range(5))
def test_totals_of_the_quarter_in_any_order_and_repeated(seed: int) -> None:
    facts = golden_quarter().facts * 3
    random.Random(seed).shuffle(facts)  # noqa: S311 - a repeatable shuffle, no secret
    for role in ROLES:
        name, expected = EXPECTED[role]
        assert totals(Department().evaluate(role, facts, through="2025-12").lines, name) == expected


def test_annas_september_line_by_line() -> None:
    lines = Department().evaluate("sdr", golden_quarter().facts).lines
    assert told(lines) == [
        ("client_paid", "P1", "2025-09-22", "6000.00"),
        ("client_paid", "P2", "2025-09-29", "3000.00"),
        ("client_paid", "R1", "2025-11-20", "-1500.00"),
        ("gatekeeper_passed", "2025-09", "2025-09-30", "45.00"),
        ("letter_decision_maker", "2025-09", "2025-09-30", "25.00"),
        ("letter_general", "2025-09", "2025-09-30", "30.00"),
        ("meeting_booked", "meeting_booked@2025-09-09T10:00:00+03:00", "2025-09-09", "700.00"),
        ("meeting_booked", "meeting_booked@2025-09-23T10:00:00+03:00", "2025-09-23", "700.00"),
        ("need_identified", "2025-09", "2025-09-30", "150.00"),
    ]


def test_veras_lines() -> None:
    lines = Department().evaluate("am", golden_quarter().facts, through="2025-12").lines
    assert told(lines) == [
        ("mature_client", "P6", "2025-12-25", "1800.00"),
        ("new_client", "P2", "2025-09-29", "5000.00"),
        ("new_client", "P3", "2025-10-01", "7500.00"),
        ("new_client", "P4", "2025-11-17", "6000.00"),
        ("new_client", "P5", "2025-12-15", "10000.00"),
        ("new_client", "R1", "2025-11-20", "-2500.00"),
        ("quarterly_retention", "2025-Q4", "2025-12-31", "10000.00"),
    ]
    retention = next(line for line in lines if line.component == "quarterly_retention")
    assert (retention.lead_id, retention.timing, retention.cause) == (named("L1"), "at_close", "quarter:2025-Q4")


@pytest.mark.parametrize(
    ("role", "september", "october"),
    [("sdr", "4650.00", {"6000.00"}), ("ae", "10000.00", {"20000.00"}), ("am", "5000.00", set())],
)
def test_late_first_payment(role: str, september: str, october: set[str]) -> None:
    """P1 comes after September was closed: the difference posts into October with its own `earned_on`."""
    story = golden_quarter()
    told_late = [fact for fact in story.facts if getattr(fact, "payment_id", None) != "P1"]
    known_by_closing = [fact for fact in told_late if _happened(fact) < story.at("2025-10-06 00:00")]
    stage = next(item for item in ROLES if item == role)
    closed = Department().evaluate(stage, known_by_closing, through="2025-09").lines
    name, expected = EXPECTED[role]
    assert totals(_of_month(closed, "2025-09"), name) == {"2025-09": september}
    whole = Department().evaluate(stage, story.facts, through="2025-12").lines
    late = {key: amount for key, amount in _difference(closed, whole).items() if _is_september(key, whole)}
    assert {Money(amount, "RUB").text for amount in late.values()} == october
    assert {line.earned_on for line in whole if line.key in late} <= {date(2025, 9, 22)}
    assert totals(whole, name) == expected


def test_leaver_changes_nothing() -> None:
    story = golden_quarter()
    story.owner("Gleb", "L1", "2025-10-20 00:00", 1, deal="D1")
    story.owner("Gleb", "L3", "2025-10-20 00:00", 1, deal="D3")
    gone = replace(BORIS, left_on=date(2025, 10, 20), successor_id=named("Gleb"), revision=1)
    department = Department(ANNA, BORIS, gone, VERA, employee("Gleb", "ae", "0202"))
    for role in ROLES:
        name, expected = EXPECTED[role]
        lines = department.evaluate(role, story.facts, through="2025-12").lines
        assert totals(lines, name) == expected
        assert totals(lines, "Gleb") == {}


def _why(role: str, *, cause_id: str, lead: str) -> list[Absence]:
    stage = next(item for item in ROLES if item == role)
    absences = Department().evaluate(stage, golden_quarter().facts, through="2025-12").absences
    return [item for item in absences if item.cause_id == cause_id and item.lead_id == named(lead)]


@pytest.mark.parametrize(
    ("role", "cause_id", "lead", "code", "text"),
    [
        (
            *("am", "P1", "L1", "no_owner"),
            "nobody owned the client at account on 2025-09-22 12:00; ownership begins 2025-09-23 10:00",
        ),
        (
            *("sdr", "meeting_booked@2025-09-15T10:31:00+03:00", "L2", "withdrawn"),
            "handoff returned on 2025-09-16: not the decision maker",
        ),
        (
            *("ae", "P4", "L1", "not_paying_month"),
            "November is the third paying month; the plan pays the first and the second",
        ),
        (*("am", "2025-Q3", "L1", "client_too_young"), "the client was younger than three months on 2025-09-30"),
    ],
)
def test_why_zero(role: str, cause_id: str, lead: str, code: str, text: str) -> None:
    found = _why(role, cause_id=cause_id, lead=lead)
    assert {(absence.reason_code, absence.text) for absence in found} == {(code, text)}


def _happened(fact: AnyFact) -> datetime:
    names = ("occurred_at", "paid_at", "refunded_at", "signed_at", "opened_at", "from_at", "started_at")
    found = next(getattr(fact, name) for name in names if hasattr(fact, name))
    assert isinstance(found, datetime)
    return found


def _of_month(lines: tuple[Line, ...], month: str) -> tuple[Line, ...]:
    return tuple(line for line in lines if str(Month.of(line.earned_on)) == month)


def _difference(before: tuple[Line, ...], after: tuple[Line, ...]) -> dict[LineKey, int]:
    """What the ledger would post: should be minus posted, by key."""
    sums: dict[LineKey, int] = defaultdict(int)
    for line in after:
        sums[line.key] += line.amount.amount_minor
    for line in before:
        sums[line.key] -= line.amount.amount_minor
    return {key: amount for key, amount in sums.items() if amount}


def _is_september(key: LineKey, lines: tuple[Line, ...]) -> bool:
    return any(line.key == key and Month.of(line.earned_on) == Month(2025, 9) for line in lines)
