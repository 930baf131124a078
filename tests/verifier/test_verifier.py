"""The independent verifier finds nothing in good books, and whatever was tampered with."""

import copy
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from conveyor.bonuses.periods.close_period import close_period
from conveyor.kit.calendar import Month
from tests.bonuses.callers import Callers, callers_of
from tests.bonuses.conftest import NewBooks, book_templates, book_urls, clock, new_books
from tests.bonuses.department import Books, Telling, id_of
from tests.bonuses.quarter import golden_quarter
from tests.servers import PostgresForTests
from verifier.__main__ import main, said_of
from verifier.checks import verify
from verifier.findings import Books as Read
from verifier.findings import Report

__all__ = ["book_templates", "book_urls", "clock", "new_books"]  # fixtures of the books, used here too

MONTHS = [Month(2025, number) for number in (9, 10, 11, 12)]


async def read(callers: Callers, period: str) -> Read:
    """What `read_books` reads, through the same paths."""
    journal = (await callers.get("/bonus-entries/explanations", "auditor", limit=1000)).json()
    statements = (await callers.get("/bonus-statements", "auditor", period=period)).json()
    return Read(
        service="any",
        period=period,
        entries=journal["items"],
        watermark=journal["watermark"],
        chain_head=journal["chain_head"],
        statements=statements["items"],
    )


@pytest.fixture(params=["sdr", "ae", "am"])
async def role_books(request: pytest.FixtureRequest, new_books: NewBooks) -> Books:
    books = await new_books(request.param)
    await books.hear(golden_quarter(without=frozenset({"P1"})).events)
    await close_period(books.desk, month=MONTHS[0], actor="head")
    await books.hear(golden_quarter().events)
    for month in MONTHS[1:]:
        await close_period(books.desk, month=month, actor="head")
    return books


async def test_good_books_fit_in_every_month(role_books: Books, tmp_path: Path) -> None:
    async with callers_of(role_books, tmp_path) as callers:
        reports = [verify(await read(callers, str(month))) for month in MONTHS]
    assert [report.findings for report in reports] == [[]] * 4
    assert sum(report.lines for report in reports) > 0
    assert "everything fits" in said_of(reports[0])


@pytest.fixture
async def closed(new_books: NewBooks) -> Books:
    books = await new_books("ae")
    await books.hear(golden_quarter(calls=False).events)
    late = Telling()
    late.refunded("L1", "R0", "P1", "2025-09-25 12:00", "200000.00")
    await books.hear(late.events)
    await close_period(books.desk, month=MONTHS[0], actor="head")
    return books


@pytest.fixture
async def september(closed: Books, tmp_path: Path) -> AsyncIterator[Read]:
    async with callers_of(closed, tmp_path) as callers:
        yield await read(callers, "2025-09")


def found(books: Read) -> str:
    return "\n".join(str(finding) for finding in verify(books).findings)


Tamper = Callable[[Read], None]


def _amount(books: Read) -> None:
    books.entries[0]["entry"]["amount"]["amount"] = "20000.01"


def _rate(books: Read) -> None:
    books.entries[0]["explanation"]["terms"]["rate"] = "0.11"


def _step(books: Read) -> None:
    books.entries[0]["explanation"]["steps"][0]["result"] = "2000001"


def _line(books: Read) -> None:
    books.statements[0]["document"]["lines"][0]["amount"]["amount"] = "1.00"


def _total(books: Read) -> None:
    books.statements[0]["document"]["total"]["amount"] = "1.00"


def _removed_line(books: Read) -> None:
    books.statements[0]["document"]["lines"].pop()


def _doubled_line(books: Read) -> None:
    lines = books.statements[0]["document"]["lines"]
    lines.append(copy.deepcopy(lines[0]))


def _removed_entry(books: Read) -> None:
    books.entries.pop(1)


def _cut_tail(books: Read) -> None:
    books.entries.pop()


def _no_steps(books: Read) -> None:
    books.entries[0]["explanation"]["steps"] = []


def _unreadable(books: Read) -> None:
    books.entries[0]["explanation"]["inputs"] = None


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        (_amount, "the entry is 20000.01"),
        (_rate, "step gross gives"),
        (_step, "step gross gives 2000000, its explanation says 2000001"),
        (_line, "it says 1.00"),
        (_total, "its lines do not give its total of 1.00 RUB"),
        (_removed_line, "is in no line"),
        (_doubled_line, "is in it twice"),
        (_removed_entry, "entry 2 is missing before it"),
        (_cut_tail, "the journal ends with entry"),
        (_no_steps, "the explanation has no steps"),
        (_unreadable, "cannot be computed"),
    ],
)
def test_whatever_was_changed_is_found(september: Read, tamper: Tamper, words: str) -> None:
    assert found(september) == ""
    tamper(september)
    assert words in found(september)


def test_an_entry_changed_with_its_own_hash_is_found_too(september: Read) -> None:
    """Who can write the hash as well can forge one entry; the next one and the arithmetic give him away."""
    item = september.entries[0]
    item["entry"]["amount"]["amount"] = "99999.00"
    item["entry"]["hash"] = hashlib.sha256(json.dumps(item).encode()).hexdigest()
    said = found(september)
    assert "it is not joined to the entry before" in said
    assert "the entry is 99999.00" in said


async def test_a_row_changed_in_the_database_is_found(
    closed: Books, postgres: PostgresForTests, tmp_path: Path
) -> None:
    database = make_url(closed.database.url).database
    url = make_url(postgres.admin_url).set(database=database).render_as_string(hide_password=False)
    connection = await asyncpg.connect(url)
    await connection.execute("ALTER TABLE bonus_entries DISABLE TRIGGER ALL")
    await connection.execute(
        "UPDATE bonus_entries SET explanation = jsonb_set(explanation, '{terms,rate}', '\"0.2\"') WHERE journal_no = 1"
    )
    await connection.close()
    async with callers_of(closed, tmp_path) as callers:
        report: Report = verify(await read(callers, "2025-09"))
        assert (await callers.get("/bonus-entries/verification", "auditor")).json()["first_broken"] == 1
    assert not report.holds
    assert {finding.place.split(" (")[0] for finding in report.findings} == {"entry 1"}
    assert "differences" in said_of(report)


async def test_manual_entries_and_reversals_are_computed_too(closed: Books, tmp_path: Path) -> None:
    body: dict[str, Any] = {
        "employee_id": str(id_of("Boris")),
        "amount": {"amount": "-150.00", "currency": "RUB"},
        "reason_code": "goodwill",
        "reason": "agreed",
        "earned_on": "2025-10-17",
    }
    late = Telling()
    late.paid("L1", "P0", "2025-08-20 12:00", "10.00")
    await closed.hear(late.events)
    async with callers_of(closed, tmp_path) as callers:
        made = (await callers.post("/bonus-adjustments", "head", body)).json()
        await callers.post(f"/bonus-adjustments/{made['id']}/approval", "admin")
        await callers.close("2025-10")
        report = verify(await read(callers, "2025-10"))
        kinds = {item["entry"]["kind"] for item in (await read(callers, "2025-10")).entries}
    assert report.findings == []
    assert {"manual", "reversal"} <= kinds


class TestCommand:
    def test_it_needs_a_token(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.delenv("CONVEYOR_TOKEN", raising=False)
        assert main(["--period", "2025-09"]) == 2
        assert "CONVEYOR_TOKEN" in capsys.readouterr().err

    @pytest.mark.parametrize("period", ["", "2025-13", "september"])
    def test_it_needs_a_month(self, monkeypatch: pytest.MonkeyPatch, period: str) -> None:
        monkeypatch.setenv("CONVEYOR_TOKEN", "x")
        assert main(["--period", period]) == 2

    def test_who_does_not_answer_is_named(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("CONVEYOR_TOKEN", "x")
        monkeypatch.setenv("CONVEYOR_CLOSING_URL", "http://127.0.0.1:1")
        assert main(["--period", "2025-09", "--service", "closing"]) == 2
        assert "127.0.0.1:1" in capsys.readouterr().err
