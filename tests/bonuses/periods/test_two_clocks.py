"""What did September show on 3 October, and what should September be, as known now."""

from pathlib import Path
from typing import Any

import pytest

from conveyor.bonuses.periods.close_period import close_period
from conveyor.kit.calendar import Month
from conveyor.kit.clock import FrozenClock
from tests.bonuses.callers import Callers, callers_of
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books, at, id_of
from tests.bonuses.quarter import golden_quarter

BORIS = str(id_of("Boris"))


@pytest.fixture
async def late_books(new_books: NewBooks, clock: FrozenClock) -> Books:
    """P1 of 22 September arrives on 6 October, after September was closed on the third."""
    books = await new_books("ae")
    on_time = golden_quarter(without=frozenset({"P1"}), calls=False).events
    clock.set(at("2025-10-02 12:00"))
    await books.hear(event for event in on_time if event.occurred_at < at("2025-10-02 12:00"))
    clock.set(at("2025-10-03 12:00"))
    await close_period(books.desk, month=Month(2025, 9), actor="head")
    clock.set(at("2025-10-06 12:00"))
    await books.hear(event for event in golden_quarter(calls=False).events if event not in on_time)
    return books


async def ask(callers: Callers, **params: Any) -> dict[str, Any]:
    answer = await callers.get("/bonuses", "Boris", **params)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_what_a_month_showed_then(late_books: Books, tmp_path: Path) -> None:
    async with callers_of(late_books, tmp_path) as callers:
        shown = {
            day: await ask(callers, period="2025-09", recorded_as_of=f"2025-10-{day}T12:00:00+03:00")
            for day in ("01", "02", "03", "07")
        }
        october = {
            day: await ask(callers, period="2025-10", recorded_as_of=f"2025-10-{day}T11:00:00Z") for day in ("05", "06")
        }
    assert [(item["state"], item["total"]["amount"]) for item in shown.values()] == [
        ("open", "0.00"),
        ("open", "10000.00"),
        ("closed", "10000.00"),
        ("closed", "10000.00"),
    ]
    assert shown["03"]["recorded_as_of"] == "2025-10-03T09:00:00Z"
    assert [item["total"]["amount"] for item in october.values()] == ["7500.00", "27500.00"]


async def test_what_a_month_should_be(late_books: Books, tmp_path: Path) -> None:
    async with callers_of(late_books, tmp_path) as callers:
        paid = await ask(callers, period="2025-09")
        now = await ask(callers, period="2025-09", known_as_of="now")
        then = await ask(callers, period="2025-09", known_as_of="2025-10-05T00:00:00+03:00")
        october = await ask(callers, period="2025-10", known_as_of="now")
    assert (paid["total"]["amount"], paid["known_as_of"]) == ("10000.00", None)
    assert (now["total"]["amount"], now["known_as_of"]) == ("30000.00", "2026-03-10T09:00:00Z")
    assert {line["cause_id"] for line in now["lines"]} == {"P1", "P2"}
    assert then["total"]["amount"] == "10000.00"
    assert october["total"]["amount"] == "7500.00"


async def test_what_is_not_in_the_ledger_yet_counts_as_known_now(new_books: NewBooks, tmp_path: Path) -> None:
    books = await new_books("sdr")
    await books.hear(golden_quarter().events)
    async with callers_of(books, tmp_path) as callers:
        now = (await callers.get("/bonuses", "Anna", period="2025-09", known_as_of="now")).json()
        shown = (await callers.get("/bonuses", "Anna", period="2025-09", recorded_as_of="2026-01-11T00:00:00Z")).json()
    assert now["total"]["amount"] == "10650.00"
    assert shown["total"]["amount"] == "10400.00"


async def test_statements_as_of(late_books: Books, tmp_path: Path) -> None:
    async with callers_of(late_books, tmp_path) as callers:
        before = await callers.get("/bonus-statements", "Boris", recorded_as_of="2025-10-03T08:00:00Z")
        after = await callers.get("/bonus-statements", "Boris", recorded_as_of="2025-10-03T10:00:00Z")
    assert before.json()["items"] == []
    assert [item["document"]["total"]["amount"] for item in after.json()["items"]] == ["10000.00"]


@pytest.mark.parametrize(
    "params",
    [
        {"recorded_as_of": "2025-10-03"},
        {"recorded_as_of": "2025-10-03T10:00:00"},
        {"recorded_as_of": "1759485600"},
        {"recorded_as_of": "now"},
        {"known_as_of": "yesterday"},
        {"known_as_of": "now", "recorded_as_of": "2025-10-03T10:00:00Z"},
    ],
)
async def test_senseless_instants(callers: Callers, params: dict[str, str]) -> None:
    answer = await callers.get("/bonuses", "Boris", period="2025-09", **params)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
