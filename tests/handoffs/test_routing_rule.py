"""Who should answer a handoff."""

from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conveyor.handoffs.rules import Candidate, choose, may_answer

A, B, C = (UUID(int=number) for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("candidates", "chosen"),
    [
        ([], None),
        ([Candidate(A, is_chain_mate=False, load=9)], A),
        ([Candidate(A, is_chain_mate=False, load=0), Candidate(B, is_chain_mate=True, load=9)], B),
        ([Candidate(A, is_chain_mate=True, load=2), Candidate(B, is_chain_mate=True, load=1)], B),
        ([Candidate(A, is_chain_mate=False, load=2), Candidate(B, is_chain_mate=False, load=1)], B),
        ([Candidate(C, is_chain_mate=False, load=1), Candidate(B, is_chain_mate=False, load=1)], B),
    ],
    ids=["nobody", "only one", "chain before load", "least loaded of the chain", "least loaded", "ties by id"],
)
def test_the_chain_comes_first_then_the_least_loaded(candidates: list[Candidate], chosen: UUID | None) -> None:
    assert choose(candidates) == chosen


ONE = st.builds(Candidate, employee_id=st.uuids(), is_chain_mate=st.booleans(), load=st.integers(0, 3))


@given(st.lists(ONE, unique_by=lambda one: one.employee_id), st.randoms())
def test_the_choice_does_not_depend_on_the_order(candidates: list[Candidate], random: Random) -> None:
    shuffled = list(candidates)
    random.shuffle(shuffled)

    assert choose(shuffled) == choose(candidates)


@pytest.mark.parametrize(
    ("routed_to", "routed_is_gone", "may"), [(A, False, True), (B, False, False), (B, True, True), (None, False, True)]
)
def test_whom_it_is_routed_to_or_anybody_when_that_is_nobody(
    routed_to: UUID | None, routed_is_gone: bool, may: bool
) -> None:
    assert may_answer(routed_to=routed_to, routed_is_gone=routed_is_gone, employee_id=A) is may
