"""The pure rules of the telemarketing stage."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from conveyor.contracts.values import Company, Contact, Reference
from telemarketing.handoffs.rules import Answer, handoff_state, held_span
from telemarketing.leads.ownership import Assigned, Leave, owner_at, ownership
from telemarketing.leads.rules import all_references, match_key
from telemarketing.standing.rules import inquiry_signal, lead_state, queue_place, reply_signal

START = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = [UUID(int=number) for number in range(1, 5)]

moments = st.integers(0, 200).map(lambda hours: START + timedelta(hours=hours))
people = st.sampled_from(PEOPLE)
leaves = st.dictionaries(people, st.builds(Leave, at=moments, successor_id=st.none() | people), max_size=4)
assignments = st.lists(st.builds(Assigned, employee_id=st.none() | people, from_at=moments), max_size=6)
answers = st.lists(
    st.builds(
        Answer,
        kind=st.sampled_from(["routed", "accepted", "returned", "withdrawn"]),
        occurred_at=moments,
        event_id=st.integers(0, 10**6).map(lambda number: UUID(int=number)),
    ),
    unique_by=lambda answer: answer.event_id,
    max_size=6,
)


@given(assigned=assignments, gone=leaves)
def test_intervals_of_ownership_never_overlap_and_no_leaver_owns(
    assigned: list[Assigned], gone: dict[UUID, Leave]
) -> None:
    intervals = ownership(assigned, gone)

    for earlier, later in pairwise(intervals):
        assert earlier.until_at is not None
        assert earlier.until_at <= later.from_at
    for one in intervals:
        assert one.until_at is None or one.from_at < one.until_at
        leave = gone.get(one.employee_id)
        assert leave is None or (one.until_at is not None and one.until_at <= leave.at)


@given(assigned=assignments, instant=moments)
def test_without_leavers_the_last_assigned_owns(assigned: list[Assigned], instant: datetime) -> None:
    so_far = [one for one in sorted(assigned, key=lambda one: one.from_at) if one.from_at <= instant]

    expected = so_far[-1].employee_id if so_far else None

    assert owner_at(ownership(assigned, {}), instant) == expected


def test_a_circle_of_successors_ends() -> None:
    first, second, *_ = PEOPLE
    gone = {first: Leave(START, second), second: Leave(START, first)}

    assert ownership([Assigned(first, START)], gone) == []


@given(heard=answers, data=st.data())
def test_a_handoffs_state_does_not_depend_on_the_order(heard: list[Answer], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(heard))

    assert handoff_state(heard) == handoff_state(shuffled)
    assert held_span(offered_at=START, answers=heard) == held_span(offered_at=START, answers=shuffled)


def test_a_span_is_half_open() -> None:
    back = START + timedelta(hours=5)
    span = held_span(offered_at=START, answers=[Answer("returned", back, UUID(int=1))])

    assert [span.covers(moment) for moment in (START - timedelta(1), START, back - timedelta(seconds=1), back)] == [
        False,
        True,
        True,
        False,
    ]


def test_states() -> None:
    def state(*handoffs: str, worked: bool = True, is_client: bool = False, is_lost: bool = False) -> str:
        return lead_state(worked=worked, handoff_states=handoffs, is_client=is_client, is_lost=is_lost)

    assert state(worked=False) == "new"
    assert state() == "in_work"
    assert state("returned", "offered") == "handed_over"
    assert state("accepted") == "at_closing"
    assert state("withdrawn") == "returned"
    assert state("accepted", is_lost=True) == "lost"
    assert state("accepted", is_lost=True, is_client=True) == "client"


def test_what_stirred_before_the_last_work_waits_no_more() -> None:
    reply = reply_signal(at=START, kind="interested")
    later = START + timedelta(hours=1)

    waiting = queue_place(signals=[reply], worked_at=None, registered_at=START)
    answered = queue_place(signals=[reply], worked_at=later, registered_at=START)
    again = queue_place(
        signals=[reply, inquiry_signal(at=later + timedelta(hours=1), mechanics="warm")],
        worked_at=later,
        registered_at=START,
    )

    assert (waiting.rank, waiting.next_contact_at) == (1, START)
    assert (answered.rank, answered.next_contact_at) == (2, later + timedelta(hours=20))
    assert (again.rank, again.next_contact_at) == (0, later + timedelta(hours=1))


def test_references_are_matched_without_differences_of_spelling() -> None:
    def key(system: str, value: str) -> str | None:
        return match_key(Reference(system=system, value=value))

    assert key("phone", "8 (495) 000-00-01") == key("phone", "+74950000001") == "74950000001"
    assert key("phone", "12") is None
    assert key("email", "Office@R.example") == "office@r.example"
    assert key("email", "office") is None
    assert key("crm:amo", " A-1 ") == "A-1"


def test_a_leads_references_are_each_there_once() -> None:
    found = all_references(
        company=Company(name="Ромашка", inn="7701234567"),
        contacts=[Contact(name="А", phone="8 495 000-00-01"), Contact(name="Б", phone="+7 495 000 00 01", email="x")],
        references=[Reference(system="inn", value="7701234567")],
    )

    assert [(one.system, one.value) for one in found] == [("inn", "7701234567"), ("phone", "8 495 000-00-01")]
