"""Manual adjustments: a reason, four eyes, one entry of kind `manual`, and nobody approves his own."""

import asyncio
import json
from typing import Any

import asyncpg
import httpx2
import pytest
from sqlalchemy import text

from conveyor.bonuses.statements.queries import bonuses_of
from conveyor.contracts.bonuses import BonusAdjustmentDecided
from conveyor.kit.calendar import Month
from tests.bonuses.callers import Callers
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books, Telling, id_of
from tests.bonuses.quarter import golden_quarter

BORIS = str(id_of("Boris"))
TERMS = {
    "employee_id": BORIS,
    "amount": {"amount": "4150.00", "currency": "RUB"},
    "component": "first_payment",
    "reason": "Petrov of Romashka paid in cash",
    "earned_on": "2025-09-17",
}


async def ask_for(callers: Callers, who: str = "head", **changes: Any) -> httpx2.Response:
    body = {name: value for name, value in {**TERMS, **changes}.items() if value is not None}
    return await callers.post("/bonus-adjustments", who, body)


async def approve(callers: Callers, adjustment: httpx2.Response, who: str = "admin") -> httpx2.Response:
    return await callers.post(f"/bonus-adjustments/{adjustment.json()['id']}/approval", who)


async def month(callers: Callers, period: str) -> str:
    answer = await callers.get("/bonuses", "Boris", period=period)
    return str(answer.json()["total"]["amount"])


class TestFourEyes:
    async def test_nothing_is_posted_before_the_second_person(self, callers: Callers) -> None:
        made = await ask_for(callers)
        assert (made.status_code, made.json()["state"]) == (201, "pending")
        assert await month(callers, "2025-09") == "30000.00"
        approved = await approve(callers, made)
        assert (approved.status_code, approved.json()["state"]) == (200, "approved")
        assert await month(callers, "2025-09") == "34150.00"

    async def test_nobody_approves_his_own_request(self, callers: Callers) -> None:
        made = await ask_for(callers)
        refused = await approve(callers, made, "head")
        assert (refused.status_code, refused.json()["code"]) == (403, "own-request")
        assert (await approve(callers, made, "head two")).status_code == 200

    async def test_nobody_approves_his_own_pay(self, callers: Callers) -> None:
        refused = await approve(callers, await ask_for(callers), "head Boris")
        assert (refused.status_code, refused.json()["code"]) == (403, "own-pay")

    @pytest.mark.parametrize("who", ["Boris", "Clara", "payroll", "auditor", "integration", "marketing"])
    async def test_only_heads_and_admins_ask_and_decide(self, callers: Callers, who: str) -> None:
        assert (await ask_for(callers, who)).status_code == 403
        assert (await approve(callers, await ask_for(callers), who)).status_code == 403

    async def test_the_database_holds_it_too(self, callers: Callers, ae_books: Books) -> None:
        made = (await ask_for(callers)).json()
        connection = await asyncpg.connect(ae_books.database.url)
        approve_alone = (
            "UPDATE bonus_adjustments SET state = 'approved', decided_by = requested_by,"
            " entry_id = (SELECT entry_id FROM bonus_entries LIMIT 1) WHERE adjustment_id = $1"
        )
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(approve_alone, made["id"])
        for change in ("DELETE FROM bonus_adjustments", "TRUNCATE bonus_adjustments"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(change)
        await connection.close()


class TestDecision:
    async def test_of_approvals_at_once_one_wins(self, callers: Callers) -> None:
        made = await ask_for(callers)
        answers = await asyncio.gather(*[approve(callers, made, f"admin {number}") for number in range(5)])
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
        assert {answer.json().get("code") for answer in answers} == {None, "adjustment-already-decided"}
        assert len([entry for entry in await callers.entries() if entry["kind"] == "manual"]) == 1

    async def test_approval_against_rejection(self, callers: Callers) -> None:
        made = await ask_for(callers)
        path = f"/bonus-adjustments/{made.json()['id']}"
        answers = await asyncio.gather(
            callers.post(f"{path}/approval", "admin"),
            callers.post(f"{path}/rejection", "admin two", {"reason": "no"}),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]

    async def test_rejected_for_a_reason(self, callers: Callers) -> None:
        made = await ask_for(callers)
        path = f"/bonus-adjustments/{made.json()['id']}"
        assert (await callers.post(f"{path}/rejection", "admin", {})).status_code == 422
        rejected = (await callers.post(f"{path}/rejection", "admin", {"reason": "not in the contract"})).json()
        assert (rejected["state"], rejected["rejection"]) == ("rejected", "not in the contract")
        assert (await approve(callers, made)).json()["state"] == "rejected"
        assert await month(callers, "2025-09") == "30000.00"

    async def test_a_repeated_approval_under_its_key_answers_the_same(self, callers: Callers) -> None:
        made = await ask_for(callers)
        path = f"/bonus-adjustments/{made.json()['id']}/approval"
        first = await callers.post(path, "admin", **{"Idempotency-Key": "approve-1"})
        again = await callers.post(path, "admin", **{"Idempotency-Key": "approve-1"})
        assert (first.status_code, again.status_code) == (200, 200)
        assert first.json() == again.json()


class TestEntry:
    async def test_it_is_a_manual_entry_of_the_chain_with_its_reason_outside(self, callers: Callers) -> None:
        approved = (await approve(callers, await ask_for(callers))).json()
        answer = (await callers.get(f"/bonus-entries/{approved['entry_id']}/explanation", "Boris")).json()
        entry, explanation = answer["entry"], answer["explanation"]
        assert (entry["kind"], entry["component"], entry["period"]) == ("manual", "first_payment", "2025-09")
        assert entry["cause"] == f"adjustment:{approved['id']}"
        (given,) = explanation["inputs"]
        assert (given["requested_by"], given["approved_by"]) == ("local:head", "local:admin")
        assert "Petrov" not in str(answer)
        assert approved["reason"] == TERMS["reason"]
        assert (await callers.get("/bonus-entries/verification")).json()["valid"] is True

    async def test_about_a_closed_month_it_posts_into_the_open_one(self, callers: Callers) -> None:
        await callers.close("2025-09")
        approved = (await approve(callers, await ask_for(callers))).json()
        entry = (await callers.get(f"/bonus-entries/{approved['entry_id']}")).json()
        assert (entry["period"], entry["earned_on"]) == ("2025-10", "2025-09-17")
        assert await month(callers, "2025-09") == "30000.00"
        assert await month(callers, "2025-10") == "11650.00"

    async def test_late_facts_leave_it_alone(self, callers: Callers, ae_books: Books) -> None:
        await approve(callers, await ask_for(callers, lead_id=str(id_of("L1"))))
        late = Telling()
        late.refunded("L1", "R9", "P1", "2025-09-24 12:00", "200000.00")
        await ae_books.hear(late.events)
        (manual,) = [entry for entry in await callers.entries() if entry["kind"] == "manual"]
        assert manual["amount"]["amount"] == "4150.00"
        assert not [entry for entry in await callers.entries() if entry["reverses"] == manual["id"]]

    async def test_one_before_every_fact_keeps_its_month_open_for_closing(self, callers: Callers) -> None:
        await approve(callers, await ask_for(callers, earned_on="2025-06-03"))
        refused = await callers.post("/bonus-periods/2025-09/close")
        assert refused.json()["periods"] == ["2025-06"]
        await callers.close("2025-06", "2025-09")

    async def test_a_negative_one(self, callers: Callers) -> None:
        await approve(callers, await ask_for(callers, amount={"amount": "-150.00", "currency": "RUB"}))
        assert await month(callers, "2025-09") == "29850.00"


class TestRequests:
    @pytest.mark.parametrize(
        "changes",
        [
            {"amount": {"amount": "0.00", "currency": "RUB"}},
            {"amount": {"amount": "1.5", "currency": "RUB"}},
            {"amount": {"amount": 4150, "currency": "RUB"}},
            {"component": None},
            {"component": "no_such_component"},
            {"component": "first payment"},
            {"reason": "  "},
            {"reason": "nul\x00"},
            {"earned_on": "2026-03-11"},
            {"earned_on": "0001-01-01"},
            {"employee_id": str(id_of("nobody"))},
            {"dispute_id": str(id_of("no dispute"))},
            {"state": "approved"},
        ],
    )
    async def test_senseless_ones(self, callers: Callers, changes: dict[str, Any]) -> None:
        answer = await ask_for(callers, **changes)
        assert answer.status_code == 422, answer.text

    async def test_a_reason_code_stands_for_the_component(self, callers: Callers) -> None:
        made = await ask_for(callers, component=None, reason_code="goodwill", earned_on=None)
        assert (made.json()["component"], made.json()["earned_on"]) == ("goodwill", "2026-03-10")

    async def test_who_sees_them(self, callers: Callers) -> None:
        made = (await ask_for(callers)).json()
        assert (await callers.get("/bonus-adjustments", "Boris")).json()["items"] == [made]
        assert (await callers.get("/bonus-adjustments", "Clara")).json()["items"] == []
        assert (await callers.get("/bonus-adjustments", "Clara", employee_id=BORIS)).status_code == 404
        assert (await callers.get(f"/bonus-adjustments/{made['id']}", "Clara")).status_code == 404
        assert (await callers.get("/bonus-adjustments", state="approved")).json()["items"] == []


async def decisions(books: Books) -> Telling:
    """What the service said about adjustments, as it comes back to it from the stream."""
    async with books.database.reading() as session:
        bodies = list(await session.scalars(text("SELECT body FROM outbox ORDER BY id")))
    told = Telling()
    for envelope in map(json.loads, bodies):
        if envelope["type"].endswith("bonus_adjustment_decided.v1"):
            told.say(BonusAdjustmentDecided.model_validate(envelope["data"]), "2026-03-10 12:00", service="closing")
    return told


async def test_a_ledger_made_again_from_the_facts_has_it_once(
    callers: Callers, ae_books: Books, new_books: NewBooks
) -> None:
    await approve(callers, await ask_for(callers))
    rejected = (await ask_for(callers)).json()
    await callers.post(f"/bonus-adjustments/{rejected['id']}/rejection", "admin", {"reason": "twice"})
    told = await decisions(ae_books)
    assert [event.fact.outcome for event in told.events] == ["approved", "rejected"]
    again = await new_books("ae")
    for _ in range(2):
        await again.hear(golden_quarter(calls=False).events + told.events)
        await ae_books.hear(told.events)
    for books in (ae_books, again):
        view = await bonuses_of(books.desk, employee_id=id_of("Boris"), month=Month(2025, 9))
        assert view.total.amount == "34150.00"
        assert [line.cause_id for line in view.lines if line.amount.amount == "4150.00"] == [
            "adjustment@2026-03-10T12:00:00+03:00"
        ]
