"""The room over HTTP: who sees what, the shapes of SURFACE.md, and refusals."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from conveyor.bonuses.room import BonusRoom
from conveyor.kit.http.app import create_app
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books, id_of
from tests.bonuses.quarter import golden_quarter
from tests.kit.sample_app import Issuer, calling, keys_file, sample_service

BORIS = str(id_of("Boris"))
L1 = str(id_of("L1"))


@dataclass
class Caller:
    """Asks the room's API as somebody."""

    client: httpx2.AsyncClient
    issuer: Issuer

    async def get(self, path: str, role: str = "head", **params: Any) -> httpx2.Response:
        return await self.client.get(f"/v1{path}", params=params, headers=self._token(role))

    async def post(self, path: str, role: str, json: Any = None, **headers: str) -> httpx2.Response:
        return await self.client.post(f"/v1{path}", json=json, headers={**self._token(role), **headers})

    async def put(self, path: str, role: str, json: Any, **headers: str) -> httpx2.Response:
        return await self.client.put(f"/v1{path}", json=json, headers={**self._token(role), **headers})

    async def close(self, period: str) -> httpx2.Response:
        return await self.post(f"/bonus-periods/{period}/close", "head")

    async def freeze(self, period: str, key: str = "once") -> httpx2.Response:
        return await self.post("/payout-batches", "payroll", {"period": period}, **{"Idempotency-Key": key})

    def _token(self, role: str) -> dict[str, str]:
        return self.issuer.bearer(role=role, employee_id=BORIS if role in {"sdr", "ae", "am"} else None)


@pytest.fixture
async def books(new_books: NewBooks) -> Books:
    books = await new_books("ae")
    await books.hear(golden_quarter(calls=False).events)
    return books


@pytest.fixture
async def caller(books: Books, tmp_path: Path) -> AsyncIterator[Caller]:
    issuer = Issuer()
    service = sample_service(keys_file(tmp_path, issuer), database_url=books.database.url)
    room = BonusRoom(role="ae", database=service.database, settings=service.settings)
    async with calling(create_app(service=service, routers=room.routers)) as client:
        yield Caller(client, issuer)
    await service.database.close()


class TestBonuses:
    async def test_own_month(self, caller: Caller) -> None:
        answer = (await caller.get("/bonuses", "ae", period="2025-09")).json()
        assert answer["employee_id"] == BORIS
        assert (answer["period"], answer["state"], answer["other_totals"]) == ("2025-09", "open", [])
        assert answer["total"] == {"amount": "30000.00", "currency": "RUB"}
        line = answer["lines"][0]
        assert len(line.pop("entry_ids")) == 1
        assert line == {
            "component": "first_payment",
            "amount": {"amount": "20000.00", "currency": "RUB"},
            "lead": "Romashka",
            "lead_id": L1,
            "earned_on": "2025-09-22",
            "cause_id": "P1",
        }

    async def test_a_month_without_lines(self, caller: Caller) -> None:
        answer = (await caller.get("/bonuses", employee_id=BORIS, period="2025-12")).json()
        assert (answer["total"]["amount"], answer["lines"]) == ("0.00", [])

    async def test_a_peers_money_is_not_there(self, caller: Caller) -> None:
        for path in ("/bonuses", "/bonuses/why", "/bonus-entries", "/bonus-statements"):
            answer = await caller.get(path, "ae", employee_id=str(id_of("Vera")), period="2025-09")
            assert (path, answer.status_code) == (path, 404)

    @pytest.mark.parametrize("role", ["marketing", "integration"])
    async def test_other_roles_see_no_money(self, caller: Caller, role: str) -> None:
        assert (await caller.get("/bonuses", role, employee_id=BORIS, period="2025-09")).status_code == 403

    async def test_nobody_without_a_token(self, caller: Caller) -> None:
        assert (await caller.client.get("/v1/bonuses", params={"period": "2025-09"})).status_code == 401

    @pytest.mark.parametrize("period", ["2025-13", "2025-9", "september", "0001-01", "2025-09\x00"])
    async def test_bad_periods(self, caller: Caller, period: str) -> None:
        answer = await caller.get("/bonuses", employee_id=BORIS, period=period)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"

    async def test_an_overseer_names_the_employee(self, caller: Caller) -> None:
        assert (await caller.get("/bonuses", period="2025-09")).status_code == 422


class TestWhy:
    async def test_the_third_paying_month(self, caller: Caller) -> None:
        answer = (await caller.get("/bonuses/why", employee_id=BORIS, payment_id="P4")).json()
        assert answer["lines"] == []
        absences = [item for item in answer["absences"] if item["cause_id"] == "P4"]
        assert {item["reason_code"] for item in absences} == {"not_paying_month"}
        assert "third" in " ".join(answer["text"])

    async def test_a_line_that_is_there(self, caller: Caller) -> None:
        answer = (await caller.get("/bonuses/why", "ae", payment_id="P1", component="first_payment")).json()
        (line,) = answer["lines"]
        assert (line["amount"]["amount"], line["lead"], len(line["entry_ids"])) == ("20000.00", "Romashka", 1)
        assert line["explanation"]["plan"] == {"code": "ae-standard", "version": 1}
        assert answer["absences"] == []

    async def test_an_unknown_payment(self, caller: Caller) -> None:
        answer = (await caller.get("/bonuses/why", employee_id=BORIS, payment_id="nothing")).json()
        assert [item["reason_code"] for item in answer["absences"]] == ["no_fact"]


class TestEntries:
    async def test_the_feed(self, caller: Caller) -> None:
        seen: list[int] = []
        after = 0
        while True:
            page = (await caller.get("/bonus-entries", "payroll", after=after, limit=2)).json()
            if not page["items"]:
                break
            seen += [item["journal_no"] for item in page["items"]]
            after = page["next_after"]
        assert seen == list(range(1, page["watermark"] + 1))
        last = (await caller.get("/bonus-entries", after=page["watermark"] - 1)).json()["items"][0]
        assert last["hash"] == page["chain_head"]

    async def test_explanation_and_verification(self, caller: Caller) -> None:
        entry = (await caller.get("/bonus-entries")).json()["items"][0]
        answer = (await caller.get(f"/bonus-entries/{entry['id']}/explanation", "ae")).json()
        assert answer["entry"] == entry
        assert answer["explanation"]["steps"]
        assert (await caller.get("/bonus-entries/verification")).json()["valid"] is True
        assert (await caller.get("/bonus-entries/verification", "ae")).status_code == 403
        assert (await caller.get(f"/bonus-entries/{id_of('none')}/explanation")).status_code == 404


class TestPeriodsAndPayouts:
    async def test_from_closing_to_acknowledgement(self, caller: Caller) -> None:
        assert (await caller.close("2025-10")).json()["periods"] == ["2025-09"]
        assert (await caller.close("2025-09")).json()["state"] == "closed"
        again = await caller.close("2025-09")
        assert (again.status_code, again.json()["code"]) == (409, "period-already-closed")
        (period,) = [item for item in (await caller.get("/bonus-periods")).json()["items"] if item["closed_at"]]
        assert period["totals"] == [{"amount": "30000.00", "currency": "RUB"}]
        statements = (await caller.get("/bonus-statements", "ae", period="2025-09")).json()["items"]
        assert [item["document"]["total"]["amount"] for item in statements] == ["30000.00"]

        made = await caller.freeze("2025-09")
        batch = made.json()
        assert (made.status_code, batch["id"], batch["state"]) == (201, "closing-2025-09-1", "frozen")
        assert (await caller.freeze("2025-09")).json() == batch
        second = await caller.freeze("2025-09", key="twice")
        assert (second.status_code, second.json()["batch_id"]) == (409, batch["id"])

        export = f"/payout-batches/{batch['id']}/export"
        first = await caller.get(export, "payroll", format="csv")
        assert first.content == (await caller.get(export, "payroll", format="csv", dialect="std")).content
        assert first.headers["content-disposition"] == 'attachment; filename="closing-2025-09-1.csv"'
        assert (await caller.get(export, "payroll", dialect="ru")).content.startswith("\ufeffbatch_id;".encode())
        totals = {name: batch[name] for name in ("lines", "totals", "sha256")}
        path = f"/payout-batches/{batch['id']}/acknowledgement"
        wrong = await caller.post(path, "payroll", {**totals, "lines": 9, "external_run_id": "run-1"})
        assert (wrong.status_code, wrong.json()["batch"]["lines"]) == (409, 2)
        done = await caller.post(path, "payroll", {**totals, "external_run_id": "run-1"})
        assert done.json()["state"] == "acknowledged"
        assert (await caller.get("/payout-batches", "payroll")).json()["items"] == [done.json()]

    async def test_who_may(self, caller: Caller) -> None:
        assert (await caller.post("/bonus-periods/2025-09/close", "payroll")).status_code == 403
        assert (await caller.post("/payout-batches", "head", {"period": "2025-09"})).status_code == 403

    async def test_a_batch_needs_a_key_and_a_closed_month(self, caller: Caller) -> None:
        missing = await caller.post("/payout-batches", "payroll", {"period": "2025-09"})
        assert missing.json()["code"] == "idempotency-key-required"
        assert (await caller.freeze("2025-09")).json()["code"] == "period-not-closed"
        assert (await caller.freeze("2025-14")).status_code == 422


class TestPlans:
    async def test_the_standard_plan_is_there(self, caller: Caller) -> None:
        (plan,) = (await caller.get("/bonus-plans")).json()["items"]
        assert (plan["code"], plan["role"], len(plan["versions"])) == ("ae-standard", "ae", 1)

    async def test_assignments(self, caller: Caller) -> None:
        path = f"/employees/{BORIS}/plan-assignments"
        whole = {"assignments": [{"plan": "ae-standard", "from_on": "2025-01-01", "until_on": "2025-09-25"}]}
        made = await caller.put(path, "head", whole)
        assert (made.status_code, made.headers["etag"]) == (200, '"1"')
        assert (await caller.get(path)).json() == made.json()
        stale = await caller.put(path, "head", whole, **{"If-Match": '"0"'})
        assert stale.status_code == 412

    @pytest.mark.parametrize(
        ("assignment", "pointer"),
        [
            ({"plan": "sdr-standard", "from_on": "2025-01-01"}, "/assignments/1/plan"),
            ({"plan": "ae-standard", "from_on": "2024-01-01", "until_on": "2024-01-01"}, "/assignments/1/until_on"),
            ({"plan": "ae-standard", "from_on": "2026-01-01"}, "/assignments/1/from_on"),
        ],
    )
    async def test_senseless_assignments(self, caller: Caller, assignment: dict[str, str], pointer: str) -> None:
        body = {"assignments": [{"plan": "ae-standard", "from_on": "2025-06-01"}, assignment]}
        answer = await caller.put(f"/employees/{BORIS}/plan-assignments", "admin", body)
        assert answer.status_code == 422
        assert pointer in [error["pointer"] for error in answer.json()["errors"]]
