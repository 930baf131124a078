"""Gated sums: count × sum × exact attainment, rounded once; the norm is the whole month's."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from uuid import UUID

import pytest

from conveyor.bonuses.engine.evaluate import PlanAssignment, evaluate_person_month
from conveyor.bonuses.engine.facts import CallFact, CallTally, PersonMonthFacts
from conveyor.bonuses.engine.lines import Evaluation
from conveyor.bonuses.plans.standard import SDR_STANDARD
from conveyor.kit.calendar import BusinessCalendar, Month
from tests.bonuses.engine.story import ANNA, MOSCOW, Department, Story, named, revised, told

SEPTEMBER = Month(2025, 9)
NORM = 990


def _month(
    letters: int, calls: int, *, department: Department | None = None, calendar: BusinessCalendar = MOSCOW
) -> Evaluation:
    story = Story()
    work = tuple(story.work("letter_general", "Anna", f"L{number}", "2025-09-08 10:00") for number in range(letters))
    company = department or Department(ANNA)
    facts = PersonMonthFacts(named("Anna"), SEPTEMBER, work, (), CallTally(((30, calls), (29, 5000))))
    book, roster = company.book("sdr"), company.roster
    return evaluate_person_month(book=book, facts=facts, roster=roster, calendar=calendar, currency="RUB")


@pytest.mark.parametrize(
    ("letters", "calls", "amount"),
    [
        (3, 495, "30.00"),
        (1, NORM, "20.00"),
        (1, 5 * NORM, "20.00"),
        (1, NORM - 1, "19.98"),
        (1, 1, "0.02"),
        (7, 333, "47.09"),
    ],
)
def test_in_proportion_to_attainment_at_most_in_full(letters: int, calls: int, amount: str) -> None:
    found = _month(letters, calls)
    assert told(found.lines) == [("letter_general", "2025-09", "2025-09-30", amount)]
    line = found.lines[0]
    assert (line.cause, line.lead_id, line.timing) == ("month:2025-09", None, "at_close")


def test_a_closed_gate_says_how_far_it_was() -> None:
    found = _month(2, 0)
    assert found.lines == ()
    assert [(item.reason_code, item.text) for item in found.absences] == [
        (
            "gate_closed",
            "the gate call_norm stood at 0 of 990 calls of at least 30 s in 2025-09: 2 × 20.00 pay nothing",
        )
    ]
    assert Fraction(found.absences[0].details["attainment"]) == 0


def test_holidays_lower_the_norm() -> None:
    calendar = BusinessCalendar(MOSCOW.zone, holidays=frozenset(SEPTEMBER.days()) - {date(2025, 9, 8)})
    assert told(_month(1, 9, calendar=calendar).lines)[0][3] == "4.00"


def test_a_month_without_working_days_pays_in_full() -> None:
    calendar = BusinessCalendar(MOSCOW.zone, working_weekdays=frozenset())
    assert told(_month(1, 0, calendar=calendar).lines)[0][3] == "20.00"


def test_calls_count_once_and_by_duration() -> None:
    calls = [CallFact(UUID(int=n), "phone", f"c{n % 3}", named("Anna"), Story().at("2025-09-01"), 30) for n in range(3)]
    tally = CallTally.of([*calls, *calls])
    assert (tally.at_least(30), tally.at_least(31)) == (3, 0)


def test_a_plan_that_changes_within_the_month_pays_each_part_by_its_terms_in_one_line() -> None:
    components = SDR_STANDARD.model_dump(mode="json")["components"]
    dearer = {**components[0], "amount": {"amount": "40.01", "currency": "RUB"}}
    other_plan = revised(SDR_STANDARD, code="sdr-senior", components=[dearer, *components[1:]])
    senior = PlanAssignment(named("Anna"), "sdr-senior", date(2025, 9, 15))
    department = Department(ANNA, versions=(other_plan,), assignments=(senior,))
    story = Story()
    story.work("letter_general", "Anna", "L1", "2025-09-14 23:59")
    story.work("letter_general", "Anna", "L2", "2025-09-15 00:00")
    facts = PersonMonthFacts(
        named("Anna"),
        SEPTEMBER,
        tuple(story.facts),  # type: ignore[arg-type]  # only work was told
        (),
        CallTally(((30, 495),)),
    )
    book, roster = department.book("sdr"), department.roster
    found = evaluate_person_month(book=book, facts=facts, roster=roster, calendar=MOSCOW, currency="RUB")
    assert [(line.amount.text, line.plan_code) for line in found.lines] == [("30.01", "sdr-senior")]


def test_work_of_other_months_and_people_is_left_out() -> None:
    story = Story()
    work = (
        story.work("letter_general", "Anna", "L1", "2025-08-31 23:59"),
        story.work("letter_general", "Alla", "L1", "2025-09-01 00:00"),
        story.work("letter_general", "Anna", "L1", "2025-09-30T21:00:00Z"),
    )
    facts = PersonMonthFacts(named("Anna"), SEPTEMBER, work, (), CallTally(((30, NORM),)))
    department = Department(ANNA, replace(ANNA, employee_id=named("Alla"), payroll_number="0102"))
    book, roster = department.book("sdr"), department.roster
    assert evaluate_person_month(book=book, facts=facts, roster=roster, calendar=MOSCOW, currency="RUB") == Evaluation()
