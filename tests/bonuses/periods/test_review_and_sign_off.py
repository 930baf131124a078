"""open → in review → closed: drafts in review, sign-offs with their hash, entries until the month is closed."""

import asyncio
from pathlib import Path

import pytest

from conveyor.bonuses.periods.close_period import close_period
from conveyor.bonuses.periods.open_review import open_review
from conveyor.bonuses.periods.rules import PeriodAlreadyInReview, PeriodNotEnded
from conveyor.bonuses.periods.views import PeriodView
from conveyor.kit.calendar import Month
from conveyor.kit.clock import FrozenClock
from tests.bonuses.callers import Callers, callers_of
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books, Telling, at, id_of
from tests.bonuses.quarter import golden_quarter

SEPTEMBER, OCTOBER = Month(2025, 9), Month(2025, 10)
BORIS = str(id_of("Boris"))


async def state_of(callers: Callers, period: str) -> str:
    periods = (await callers.get("/bonus-periods", "Boris")).json()["items"]
    return next(str(item["state"]) for item in periods if item["period"] == period)


class TestReview:
    async def test_open_in_review_closed(self, callers: Callers) -> None:
        assert await state_of(callers, "2025-09") == "open"
        reviewed = await callers.post("/bonus-periods/2025-09/review")
        assert (reviewed.status_code, reviewed.json()["state"]) == (200, "in_review")
        assert reviewed.json()["totals"] == [{"amount": "30000.00", "currency": "RUB"}]
        assert await state_of(callers, "2025-09") == "in_review"
        await callers.close("2025-09")
        assert await state_of(callers, "2025-09") == "closed"

    async def test_never_back(self, callers: Callers) -> None:
        await callers.close("2025-09")
        again = await callers.post("/bonus-periods/2025-09/review")
        assert (again.status_code, again.json()["code"]) == (409, "period-already-closed")

    @pytest.mark.parametrize("who", ["Boris", "payroll", "admin", "auditor"])
    async def test_only_the_head_reviews(self, callers: Callers, who: str) -> None:
        assert (await callers.post("/bonus-periods/2025-09/review", who)).status_code == 403

    async def test_only_an_ended_month(self, ae_books: Books, clock: FrozenClock) -> None:
        clock.set(at("2025-09-30 23:59"))
        with pytest.raises(PeriodNotEnded):
            await open_review(ae_books.desk, month=SEPTEMBER, actor="head")

    async def test_of_two_at_once_one_wins(self, ae_books: Books) -> None:
        answers = await asyncio.gather(
            *[open_review(ae_books.desk, month=SEPTEMBER, actor="head") for _ in range(4)], return_exceptions=True
        )
        assert sum(isinstance(answer, PeriodView) for answer in answers) == 1
        assert sum(isinstance(answer, PeriodAlreadyInReview) for answer in answers) == 3

    async def test_a_month_in_review_still_takes_late_facts(self, new_books: NewBooks) -> None:
        books = await new_books("ae")
        on_time = golden_quarter(without=frozenset({"P1"}), calls=False).events
        await books.hear(on_time)
        await open_review(books.desk, month=SEPTEMBER, actor="head")
        await books.hear(event for event in golden_quarter(calls=False).events if event not in on_time)
        view = await close_period(books.desk, month=SEPTEMBER, actor="head")
        assert [total.amount for total in view.totals] == ["30000.00"]


class TestDrafts:
    async def test_an_open_month_has_no_statement(self, callers: Callers) -> None:
        assert (await callers.get("/bonus-statements", "Boris", period="2025-09")).json()["items"] == []

    async def test_a_draft_is_what_closing_would_freeze(self, callers: Callers) -> None:
        await callers.post("/bonus-periods/2025-09/review")
        (draft,) = (await callers.get("/bonus-statements", "Boris", period="2025-09")).json()["items"]
        await callers.close("2025-09")
        (frozen,) = (await callers.get("/bonus-statements", "Boris", period="2025-09")).json()["items"]
        assert (draft["state"], frozen["state"]) == ("draft", "closed")
        assert draft["document"] == frozen["document"]
        assert draft["hash"] == frozen["hash"]

    async def test_everybody_of_the_role_has_one_in_pages(self, callers: Callers) -> None:
        await callers.post("/bonus-periods/2025-09/review")
        first = (await callers.get("/bonus-statements", period="2025-09", limit=1)).json()
        rest = (await callers.get("/bonus-statements", period="2025-09", limit=1, cursor=first["next_cursor"])).json()
        seen = {item["employee_id"]: item["document"]["total"]["amount"] for item in first["items"] + rest["items"]}
        assert seen == {BORIS: "30000.00", str(id_of("Clara")): "0.00"}
        assert rest["next_cursor"] is None

    async def test_a_peers_draft_is_not_there(self, callers: Callers) -> None:
        await callers.post("/bonus-periods/2025-09/review")
        answer = await callers.get("/bonus-statements", "Clara", period="2025-09", employee_id=BORIS)
        assert answer.status_code == 404


class TestSignOff:
    PATH = "/bonus-statements/2025-09/sign-off"

    async def test_nothing_to_sign_while_open(self, callers: Callers) -> None:
        refused = await callers.post(self.PATH, "Boris", {})
        assert (refused.status_code, refused.json()["code"]) == (409, "period-not-in-review")

    async def test_a_signed_draft_holds_for_what_it_froze_into(self, callers: Callers) -> None:
        await callers.post("/bonus-periods/2025-09/review")
        (draft,) = (await callers.get("/bonus-statements", "Boris", period="2025-09")).json()["items"]
        signed = await callers.post(self.PATH, "Boris", {"hash": draft["hash"]})
        assert (signed.status_code, signed.json()["hash"], signed.json()["state"]) == (201, draft["hash"], "draft")
        assert (await callers.post(self.PATH, "Boris", {})).json() == signed.json()
        await callers.close("2025-09")
        (frozen,) = (await callers.get("/bonus-statements", "Boris", period="2025-09")).json()["items"]
        assert frozen["signed_at"] == signed.json()["signed_at"]
        (period,) = [
            item for item in (await callers.get("/bonus-periods")).json()["items"] if item["state"] == "closed"
        ]
        assert period["signed_off"] == 1

    async def test_what_changed_since_it_was_read_is_not_signed(self, callers: Callers, ae_books: Books) -> None:
        await callers.post("/bonus-periods/2025-09/review")
        (draft,) = (await callers.get("/bonus-statements", "Boris", period="2025-09")).json()["items"]
        await callers.post(self.PATH, "Boris", {"hash": draft["hash"]})
        late = Telling()
        late.paid("L1", "P0", "2025-09-25 12:00", "50000.00")
        await ae_books.hear(late.events)
        refused = await callers.post(self.PATH, "Boris", {"hash": draft["hash"]})
        assert (refused.status_code, refused.json()["code"]) == (409, "statement-changed")
        (now,) = (await callers.get("/bonus-statements", "Boris", period="2025-09")).json()["items"]
        assert refused.json()["hash"] == now["hash"] != draft["hash"]
        assert now["signed_at"] is None

    async def test_a_closed_statement_is_signed_too(self, callers: Callers) -> None:
        await callers.close("2025-09")
        signed = await callers.post(self.PATH, "Clara")
        assert (signed.status_code, signed.json()["state"]) == (201, "closed")

    @pytest.mark.parametrize("who", ["head", "payroll", "admin"])
    async def test_nobody_signs_for_another(self, callers: Callers, who: str) -> None:
        await callers.close("2025-09")
        assert (await callers.post(self.PATH, who, {})).status_code == 403

    @pytest.mark.parametrize("body", [{"hash": "abc"}, {"hash": 7}, {"employee_id": BORIS}])
    async def test_bad_bodies(self, callers: Callers, body: object) -> None:
        assert (await callers.post(self.PATH, "Boris", body)).status_code == 422


async def test_gated_lines_are_in_the_draft_and_its_signature_holds(new_books: NewBooks, tmp_path: Path) -> None:
    books = await new_books("sdr")
    await books.hear(golden_quarter().events)
    async with callers_of(books, tmp_path) as callers:
        await callers.post("/bonus-periods/2025-09/review")
        signed = await callers.post("/bonus-statements/2025-09/sign-off", "Anna", {})
        await callers.close("2025-09")
        (frozen,) = (await callers.get("/bonus-statements", "Anna", period="2025-09")).json()["items"]
    assert frozen["document"]["total"]["amount"] == "10650.00"
    assert signed.json()["hash"] != frozen["hash"]
    assert frozen["signed_at"] == signed.json()["signed_at"]
