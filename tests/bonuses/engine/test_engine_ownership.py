"""Who owns a deal or a client at an instant, and who gets a leaver's part."""

from dataclasses import replace
from datetime import date

import pytest

from conveyor.bonuses.engine.facts import AcceptanceFact, DealFact, EmployeeFact, OwnerChangeFact
from conveyor.bonuses.engine.ownership import Timeline
from conveyor.bonuses.engine.roster import Roster
from tests.bonuses.engine.story import MOSCOW, Department, Story, employee, named

NAMES = {named(name): name for name in ("Boris", "Gleb", "Dina", "Zoya")}


def _owner(story: Story, when: str, *people: EmployeeFact) -> str | None:
    timeline = Timeline(
        [fact for fact in story.facts if isinstance(fact, AcceptanceFact)],
        [fact for fact in story.facts if isinstance(fact, OwnerChangeFact)],
    )
    found = timeline.owner_at(story.at(when), roster=Roster(people), calendar=MOSCOW)
    return None if found.owner_id is None else NAMES[found.owner_id]


def _deal() -> Story:
    story = Story()
    story.accepted("Boris", "L", "2025-09-09 11:00", "M", deal="D")
    return story


@pytest.mark.parametrize(("when", "owner"), [("2025-09-09 10:59:59", None), ("2025-09-09 11:00", "Boris")])
def test_it_begins_with_the_acceptance(when: str, owner: str | None) -> None:
    assert _owner(_deal(), when) == owner


@pytest.mark.parametrize(("when", "owner"), [("2025-10-19 23:59", "Boris"), ("2025-10-20 00:00", "Gleb")])
def test_intervals_are_half_open(when: str, owner: str) -> None:
    story = _deal()
    story.owner("Gleb", "L", "2025-10-20 00:00", 1, deal="D")
    assert _owner(story, when) == owner


def test_of_one_beginning_the_higher_revision_wins_and_an_acceptance_is_lowest() -> None:
    story = _deal()
    story.owner("Dina", "L", "2025-09-09 11:00", 2, deal="D")
    story.owner("Gleb", "L", "2025-09-09 11:00", 1, deal="D")
    assert _owner(story, "2025-09-09 11:00") == "Dina"


def test_a_change_dated_before_the_acceptance_counts_from_the_acceptance() -> None:
    story = _deal()
    story.owner("Gleb", "L", "2025-09-01 00:00", 1, deal="D")
    assert _owner(story, "2025-09-09 10:59") is None
    assert _owner(story, "2025-09-09 11:00") == "Gleb"


def _gone(name: str, on: date, successor: str | None = None) -> EmployeeFact:
    return employee(name, "ae", name, left_on=on, successor=successor)


@pytest.mark.parametrize(
    ("when", "owner"),
    [("2025-10-19T20:59:59Z", "Boris"), ("2025-10-19T21:00:00Z", "Gleb"), ("2025-11-01 00:00", "Dina")],
)
def test_a_leaver_owns_nothing_from_local_midnight_and_his_successor_does(when: str, owner: str) -> None:
    people = (_gone("Boris", date(2025, 10, 20), "Gleb"), _gone("Gleb", date(2025, 11, 1), "Dina"))
    assert _owner(_deal(), when, *people) == owner


def test_without_a_successor_nobody_owns_until_an_explicit_change() -> None:
    story = _deal()
    story.owner("Gleb", "L", "2025-10-25 00:00", 1, deal="D")
    gone = _gone("Boris", date(2025, 10, 20))
    assert _owner(story, "2025-10-24 23:59", gone) is None
    assert _owner(story, "2025-10-25 00:00", gone) == "Gleb"


def test_leavers_who_succeed_each_other_leave_it_to_nobody() -> None:
    people = (_gone("Boris", date(2025, 10, 20), "Gleb"), _gone("Gleb", date(2025, 10, 20), "Boris"))
    assert _owner(_deal(), "2025-10-20 00:00", *people) is None
    assert _owner(_deal(), "2025-10-20 00:00", _gone("Boris", date(2025, 10, 20), "Boris")) is None


def test_the_reason_names_when_ownership_begins_again() -> None:
    story = _deal()
    story.owner("Gleb", "L", "2025-10-25 00:00", 1, deal="D")
    story.paid("L", "P1", "2025-10-21 12:00", "100.00")
    found = Department(_gone("Boris", date(2025, 10, 20)), employee("Gleb", "ae", "0202")).evaluate("ae", story.facts)
    assert [(item.reason_code, item.text) for item in found.absences] == [
        (
            "no_owner",
            (
                "nobody owned the deal at closing on 2025-10-21 12:00: the owner had left and nobody took over; "
                "ownership begins 2025-10-25 00:00"
            ),
        )
    ]


def test_an_acceptance_that_names_no_deal_opens_the_deal_of_its_handoff() -> None:
    story = Story()
    story.accepted("Boris", "L", "2025-09-09 11:00", "M", deal="D")
    acceptance = story.facts.pop()
    assert isinstance(acceptance, AcceptanceFact)
    opened = DealFact(named("opened"), named("deal D"), named("L"), acceptance.occurred_at, acceptance.handoff_id)
    story.facts += [replace(acceptance, deal_id=None), opened]
    story.paid("L", "P1", "2025-09-21 12:00", "100.00")
    lines = Department().evaluate("ae", story.facts).lines
    assert [line.employee_id for line in lines] == [named("Boris")]
