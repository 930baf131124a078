"""Payouts over HTTP: who may, the shapes, downloads and refusals."""

import base64
import hashlib
import io
from typing import Any

import httpx2
import pytest
from openpyxl import load_workbook

from tests.bonuses.test_bonuses_api import BORIS, Caller, books, caller

__all__ = ["books", "caller"]

BATCH = "/payout-batches/closing-2025-09-1"


@pytest.fixture
async def batch(caller: Caller) -> dict[str, Any]:
    await caller.close("2025-09")
    frozen: dict[str, Any] = (await caller.freeze("2025-09")).json()
    return frozen


async def acknowledge(caller: Caller, batch: dict[str, Any], **more: Any) -> httpx2.Response:
    totals = {name: batch[name] for name in ("lines", "totals", "sha256")}
    return await caller.post(f"{BATCH}/acknowledgement", "payroll", {**totals, "external_run_id": "run-1", **more})


async def test_downloads(caller: Caller, batch: dict[str, Any]) -> None:
    std = await caller.get(f"{BATCH}/export", "payroll")
    assert hashlib.sha256(std.content).hexdigest() == batch["sha256"]
    digest = base64.b64encode(hashlib.sha256(std.content).digest()).decode()
    assert std.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert std.headers["content-disposition"] == 'attachment; filename="closing-2025-09-1.csv"'
    xlsx = await caller.get(f"{BATCH}/export", "payroll", format="xlsx")
    assert xlsx.headers["content-type"].endswith("spreadsheetml.sheet")
    sheet = load_workbook(io.BytesIO(xlsx.content)).active
    assert sheet is not None
    assert [cell.value for cell in sheet["I"]] == ["amount", 20000, 10000]
    lines = await caller.get(f"{BATCH}/export", "payroll", format="jsonl")
    assert lines.content.count(b"\n") == 2
    lodas = await caller.get(f"{BATCH}/export", "payroll", profile="datev-lodas")
    assert b"10;01/09/2025;201;2500;4;30000,00;;\r\n" in lodas.content
    for wrong in ({"format": "pdf"}, {"profile": "sap"}, {"profile": "adp", "format": "json"}):
        assert (await caller.get(f"{BATCH}/export", "payroll", **wrong)).status_code == 422


async def test_a_life(caller: Caller, batch: dict[str, Any]) -> None:
    early = await caller.post(f"{BATCH}/payment", "payroll")
    assert (early.status_code, early.json()["code"]) == (409, "batch-not-acknowledged")
    await caller.get(f"{BATCH}/export", "payroll")
    line = {"payroll_number": "0201", "component": "first_payment", "cause_id": "P1", "reason": "no account"}
    done = (await acknowledge(caller, batch, rejected_lines=[line])).json()
    assert (done["state"], done["rejected_lines"]) == ("acknowledged", 1)
    (rejected,) = (await caller.get(f"{BATCH}/rejected-lines")).json()["lines"]
    assert (rejected["amount"], rejected["lead"]) == ({"amount": "20000.00", "currency": "RUB"}, "Romashka")
    again = await caller.post(f"{BATCH}/rejected-lines", "payroll", {"lines": [line]})
    assert again.json()["code"] == "line-already-rejected"
    paid = await caller.post(f"{BATCH}/payment", "payroll", {"paid_on": "2025-10-12"})
    assert (paid.json()["state"], paid.json()["paid_on"]) == ("paid", "2025-10-12")
    late = await caller.post(f"{BATCH}/rejection", "payroll", {"reason": "late"})
    assert (late.status_code, late.json()["code"]) == (409, "batch-already-paid")


async def test_rejection_and_the_next_number(caller: Caller, batch: dict[str, Any]) -> None:
    rejected = await caller.post(f"{BATCH}/rejection", "payroll", {"reason": "run not opened"})
    assert rejected.json()["state"] == "rejected"
    assert (await caller.get("/payout-reconciliation", period="2025-09")).json()["nowhere"]["entries"] == 2
    again = (await caller.freeze("2025-09", key="twice")).json()
    assert (again["id"], again["lines"], again["totals"]) == ("closing-2025-09-2", 2, batch["totals"])
    listed = (await caller.get("/payout-batches", state="rejected")).json()["items"]
    assert [each["id"] for each in listed] == [batch["id"]]
    assert (await caller.get("/payout-reconciliation")).json()["is_complete"]


async def test_holds(caller: Caller) -> None:
    await caller.close("2025-09")
    placed = await caller.post("/payout-holds", "head", {"employee_id": BORIS, "reason": "court order"})
    assert placed.status_code == 201
    assert (await caller.freeze("2025-09")).json()["lines"] == 0
    assert (await caller.get("/payout-reconciliation", period="2025-09")).json()["on_hold"]["entries"] == 2
    released = await caller.post(f"/payout-holds/{placed.json()['id']}/release", "payroll", {"reason": "settled"})
    assert released.json()["release_reason"] == "settled"
    assert (await caller.get("/payout-holds", released="true")).json()["items"] == [released.json()]
    assert (await caller.get("/payout-holds", released="false")).json()["items"] == []
    for senseless in ({"reason": "x"}, {"employee_id": BORIS, "entry_id": BORIS, "reason": "x"}):
        assert (await caller.post("/payout-holds", "payroll", senseless)).status_code == 422


async def test_carried_forward(caller: Caller) -> None:
    for period in ("2025-09", "2025-10", "2025-11"):
        await caller.close(period)
        await caller.freeze(period, key=period)
    (boris,) = (await caller.get("/carried-forward")).json()["items"]
    assert boris == {
        "employee_id": BORIS,
        "net": [{"amount": "-5000.00", "currency": "RUB"}],
        "entries": 1,
        "since": "2025-11",
    }


@pytest.mark.parametrize("role", ["ae", "integration", "marketing"])
async def test_who_may_not(caller: Caller, role: str) -> None:
    for path in ("/payout-holds", "/payout-reconciliation", "/carried-forward", "/payout-batches"):
        assert (await caller.get(path, role)).status_code == 403
    hold = {"employee_id": BORIS, "reason": "x"}
    assert (await caller.post("/payout-holds", role, hold)).status_code == 403
    for action in ("payment", "rejection", "rejected-lines", "acknowledgement"):
        for who in (role, "head"):
            assert (await caller.post(f"{BATCH}/{action}", who, {"reason": "x"})).status_code == 403
