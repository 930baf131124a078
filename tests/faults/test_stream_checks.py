"""The comparison of the stream with the logs finds what is missing, foreign, doubled and out of order."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from conveyor.kit.ids import new_id
from faults.stream_checks import Logged, findings, poison_that_was_taken

SAID_AT = datetime(2026, 9, 1, tzinfo=UTC)
FIRST = Logged(
    service="closing",
    row=1,
    event_id=new_id(),
    subject="conveyor.closing.deal_opened.v1.x",
    key="x",
    body=b"first",
    said_at=SAID_AT,
    stream_seq=1,
)
SECOND = replace(FIRST, row=2, event_id=new_id(), body=b"second", stream_seq=2)


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        ({1: b"first", 2: b"second"}, []),
        ({1: b"first", 2: b"second", 3: b"first"}, []),
        ({1: b"first", 2: b"second", 3: b"poison"}, []),
        ({1: b"first"}, [f"closing deal_opened {SECOND.event_id} is not in the stream"]),
        ({1: b"first", 2: b"another"}, [f"{SECOND.event_id} is not in the stream", "message 2 of the stream is in no"]),
        ({1: b"first", 2: b"second", 3: b"foreign"}, ["message 3 of the stream is in no log"]),
    ],
)
def test_what_is_missing_or_foreign_is_found(stored: dict[int, bytes], found: list[str]) -> None:
    told = findings([FIRST, SECOND], stored, {hashlib.sha256(b"poison").digest()})

    assert len(told) == len(found)
    assert all(each in line for each, line in zip(found, told, strict=True))


def test_a_fact_in_two_logs_is_found() -> None:
    double = replace(FIRST, service="account")

    assert findings([FIRST, double], {1: b"first"}, ()) == [f"{FIRST.event_id} is in the logs 2 times"]


def test_the_order_within_a_transaction_is_looked_at() -> None:
    swapped = [replace(FIRST, stream_seq=2), replace(SECOND, stream_seq=1)]
    stored = {1: b"second", 2: b"first"}

    assert findings(swapped, stored, ()) == [f"{SECOND.name} stands before what was said before it"]
    # A later transaction, or another key: no order is promised.
    assert findings([swapped[0], replace(swapped[1], said_at=datetime(2026, 9, 2, tzinfo=UTC))], stored, ()) == []
    assert findings([swapped[0], replace(swapped[1], key="y")], stored, ()) == []


def test_poison_that_was_taken_for_a_fact_is_found() -> None:
    poison, set_aside = hashlib.sha256(b"poison").digest(), hashlib.sha256(b"poison").digest()
    stored = {1: b"first", 2: b"poison"}

    assert poison_that_was_taken(stored, {poison}, {set_aside}) == []
    assert poison_that_was_taken(stored, {poison}, ()) == ["handoff-bus has no quarantine for the poison at 2"]
    assert poison_that_was_taken({1: b"first"}, {poison}, ()) == []
