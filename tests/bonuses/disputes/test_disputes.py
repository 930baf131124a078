"""Disputes: on an entry or a missing line, a thread, an outcome, and the adjustment that answers it."""

import asyncio
from typing import Any

import asyncpg
import httpx2
import pytest

from tests.bonuses.callers import Callers
from tests.bonuses.department import Books, id_of

BORIS = str(id_of("Boris"))


async def first_entry(callers: Callers) -> dict[str, Any]:
    return (await callers.entries())[0]


async def dispute_entry(callers: Callers, who: str = "Boris", text: str = "It was 250,000") -> httpx2.Response:
    entry = await first_entry(callers)
    return await callers.post(f"/bonus-entries/{entry['id']}/dispute", who, {"text": text})


async def resolve(callers: Callers, dispute: dict[str, Any], who: str = "head", **body: Any) -> httpx2.Response:
    return await callers.post(f"/disputes/{dispute['id']}/resolution", who, body)


class TestRaising:
    async def test_on_an_entry(self, callers: Callers) -> None:
        entry = await first_entry(callers)
        made = await dispute_entry(callers)
        dispute = made.json()
        assert (made.status_code, dispute["state"], dispute["entry_id"]) == (201, "open", entry["id"])
        assert (dispute["period"], dispute["component"], dispute["cause_id"]) == ("2025-09", "first_payment", "P1")
        assert [(message["author_role"], message["text"]) for message in dispute["messages"]] == [
            ("ae", "It was 250,000")
        ]

    async def test_on_a_missing_line(self, callers: Callers) -> None:
        body = {"period": "2025-11", "component": "second_payment", "cause_id": "P4", "text": "Why not P4?"}
        made = await callers.post("/disputes", "Boris", body)
        assert (made.status_code, made.json()["entry_id"], made.json()["cause_id"]) == (201, None, "P4")

    @pytest.mark.parametrize("who", ["head", "admin", "payroll"])
    async def test_only_whose_it_is(self, callers: Callers, who: str) -> None:
        assert (await dispute_entry(callers, who)).status_code == 403
        assert (await dispute_entry(callers, "Clara")).status_code == 404
        body = {"period": "2025-11", "text": "mine"}
        assert (await callers.post("/disputes", who, body)).status_code == 403

    async def test_twice_at_once_is_one_thread(self, callers: Callers) -> None:
        answers = await asyncio.gather(*[dispute_entry(callers) for _ in range(4)])
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
        (made,) = [answer.json() for answer in answers if answer.status_code == 201]
        assert {answer.json()["dispute_id"] for answer in answers if answer.status_code == 409} == {made["id"]}
        await resolve(callers, made, outcome="rejected", reason="as agreed")
        assert (await dispute_entry(callers)).status_code == 201

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"text": ""},
            {"text": " \n"},
            {"text": "nul\x00"},
            {"text": "x" * 5001},
            {"text": "fine", "state": "upheld"},
        ],
    )
    async def test_bad_bodies(self, callers: Callers, body: dict[str, Any]) -> None:
        entry = await first_entry(callers)
        assert (await callers.post(f"/bonus-entries/{entry['id']}/dispute", "Boris", body)).status_code == 422

    async def test_of_no_entry(self, callers: Callers) -> None:
        path = f"/bonus-entries/{id_of('none')}/dispute"
        assert (await callers.post(path, "Boris", {"text": "?"})).status_code == 404


class TestThread:
    async def test_the_employee_and_the_head_write(self, callers: Callers) -> None:
        dispute = (await dispute_entry(callers)).json()
        path = f"/disputes/{dispute['id']}/messages"
        await callers.post(path, "head", {"text": "Which contract?"})
        written = await callers.post(path, "Boris", {"text": "C-17"})
        assert [(item["author_role"], item["text"]) for item in written.json()["messages"]] == [
            ("ae", "It was 250,000"),
            ("head", "Which contract?"),
            ("ae", "C-17"),
        ]
        assert (await callers.post(path, "Clara", {"text": "me too"})).status_code == 404
        assert (await callers.post(path, "payroll", {"text": "hm"})).status_code == 403

    async def test_ends_with_the_outcome(self, callers: Callers) -> None:
        dispute = (await dispute_entry(callers)).json()
        await resolve(callers, dispute, outcome="rejected", reason="as agreed")
        late = await callers.post(f"/disputes/{dispute['id']}/messages", "Boris", {"text": "but"})
        assert (late.status_code, late.json()["code"]) == (409, "dispute-resolved")

    async def test_messages_are_final(self, callers: Callers, ae_books: Books) -> None:
        await dispute_entry(callers)
        connection = await asyncpg.connect(ae_books.database.url)
        for change in ("UPDATE bonus_dispute_messages SET text = ''", "DELETE FROM bonus_dispute_messages"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(change)
        await connection.close()


class TestOutcome:
    async def test_upheld_leads_to_an_adjustment_of_four_eyes(self, callers: Callers) -> None:
        dispute = (await dispute_entry(callers)).json()
        adjustment = {
            "amount": {"amount": "5000.00", "currency": "RUB"},
            "component": "first_payment",
            "reason": "the bank's file was cut",
            "earned_on": "2025-09-22",
        }
        upheld = await resolve(callers, dispute, outcome="upheld", reason="right", adjustment=adjustment)
        (asked,) = upheld.json()["adjustments"]
        assert (upheld.json()["state"], asked["state"], asked["dispute_id"]) == ("upheld", "pending", dispute["id"])
        path = f"/bonus-adjustments/{asked['id']}/approval"
        assert (await callers.post(path, "head")).status_code == 403
        assert (await callers.post(path, "admin")).status_code == 200
        total = (await callers.get("/bonuses", "Boris", period="2025-09")).json()["total"]
        assert total["amount"] == "35000.00"
        (answer,) = (await callers.get(f"/disputes/{dispute['id']}", "Boris")).json()["adjustments"]
        assert answer["state"] == "approved"

    async def test_of_two_at_once_one_wins(self, callers: Callers) -> None:
        dispute = (await dispute_entry(callers)).json()
        answers = await asyncio.gather(
            resolve(callers, dispute, outcome="rejected", reason="no"),
            resolve(callers, dispute, "admin", outcome="upheld", reason="yes"),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]

    async def test_nobody_resolves_his_own(self, callers: Callers) -> None:
        dispute = (await dispute_entry(callers)).json()
        refused = await resolve(callers, dispute, "head Boris", outcome="upheld", reason="I am right")
        assert (refused.status_code, refused.json()["code"]) == (403, "own-dispute")
        assert (await resolve(callers, dispute, "Boris", outcome="upheld", reason="right")).status_code == 403

    async def test_a_rejected_one_leads_to_no_adjustment(self, callers: Callers) -> None:
        dispute = (await dispute_entry(callers)).json()
        wanted = {
            "amount": {"amount": "5.00", "currency": "RUB"},
            "reason_code": "goodwill",
            "reason": "all the same",
        }
        mixed = await resolve(callers, dispute, outcome="rejected", reason="no", adjustment=wanted)
        assert mixed.status_code == 422
        await resolve(callers, dispute, outcome="rejected", reason="no")
        body = {**wanted, "employee_id": BORIS, "dispute_id": dispute["id"]}
        refused = await callers.post("/bonus-adjustments", "head", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "dispute-was-rejected")

    async def test_an_adjustment_of_another_does_not_answer_it(self, callers: Callers) -> None:
        dispute = (await dispute_entry(callers)).json()
        body = {
            "employee_id": str(id_of("Clara")),
            "dispute_id": dispute["id"],
            "amount": {"amount": "5.00", "currency": "RUB"},
            "reason_code": "goodwill",
            "reason": "hm",
        }
        refused = await callers.post("/bonus-adjustments", "head", body)
        assert refused.json()["code"] == "dispute-of-somebody-else"


async def test_lists(callers: Callers) -> None:
    first = (await dispute_entry(callers)).json()
    await callers.post("/disputes", "Boris", {"period": "2025-11", "text": "P4?"})
    await resolve(callers, first, outcome="rejected", reason="no")
    assert len((await callers.get("/disputes")).json()["items"]) == 2
    found = (await callers.get("/disputes", "Boris", state="rejected")).json()["items"]
    assert [item["id"] for item in found] == [first["id"]]
    assert len((await callers.get("/disputes", period="2025-11", employee_id=BORIS)).json()["items"]) == 1
    assert (await callers.get("/disputes", "Clara")).json()["items"] == []
    assert (await callers.get("/disputes", "Clara", employee_id=BORIS)).status_code == 404
    assert (await callers.get(f"/disputes/{first['id']}", "Clara")).status_code == 404
    assert (await callers.get("/disputes", state="lost")).status_code == 422
