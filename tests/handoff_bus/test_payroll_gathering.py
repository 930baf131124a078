"""One file over the three services' batches, in whatever order their facts come."""

import json
from collections.abc import Sequence
from datetime import date
from itertools import permutations
from typing import Any

from conveyor.contracts.envelope import Fact
from conveyor.contracts.payroll import PayoutBatchFrozen, PayoutBatchPart, PayoutRow
from conveyor.kit.ids import new_id
from conveyor.payroll_file.csv_form import as_csv
from conveyor.payroll_file.rows import sha256_of, totals_of
from tests.handoff_bus.bus_at_work import BusAtWork

ROLES = {"telemarketing": "sdr", "closing": "ae", "account": "am"}


def _rows(service: str, payroll_numbers: Sequence[str], number: int = 1, amount: str = "10.00") -> list[PayoutRow]:
    return [
        PayoutRow(
            batch_id=f"{service}-2025-09-{number}",
            period="2025-09",
            payroll_number=payroll_number,
            employee="Анна",
            role=ROLES[service],
            component="client_paid",
            lead="Ромашка",
            earned_on=date(2025, 9, 22),
            amount=amount,
            currency="RUB",
            cause_id="P1",
        )
        for payroll_number in payroll_numbers
    ]


def _batch(service: str, rows: Sequence[PayoutRow], *, number: int = 1, parts: int = 1, **changes: Any) -> list[Fact]:
    batch_id = f"{service}-2025-09-{number}"
    fields: dict[str, Any] = {
        "batch_id": batch_id,
        "id": new_id(),
        "period": "2025-09",
        "number": number,
        "role": ROLES[service],
        "lines": len(rows),
        "totals": totals_of(rows),
        "sha256": sha256_of(as_csv(rows)),
        "parts": parts,
        "journal_no": len(rows),
        "chain_head": "0" * 64,
    }
    size = -(-len(rows) // parts) or 1
    pieces = [tuple(rows[part * size : (part + 1) * size]) for part in range(parts)]
    return [
        PayoutBatchFrozen(**{**fields, **changes}),
        *(PayoutBatchPart(batch_id=batch_id, part=part, rows=piece) for part, piece in enumerate(pieces, 1)),
    ]


async def _export(bus: BusAtWork, query: str = "", *, who: str = "payroll") -> Any:
    return await bus.call("GET", f"/payroll/2025-09/export{query}", who=who)


async def test_incomplete_names_the_services(bus: BusAtWork) -> None:
    response = await _export(bus)
    assert (response.status_code, response.json()["code"]) == (409, "payroll-incomplete")
    assert response.json()["services"] == ["telemarketing", "closing", "account"]

    frozen, first, second = _batch("closing", _rows("closing", ["1", "2"]), parts=2)
    for fact, state in ((second, "missing"), (frozen, "arriving"), (first, "complete")):
        await bus.hear(fact, service="closing")
        status = await bus.read("/payroll/2025-09", who="payroll")
        assert [batch["state"] for batch in status["batches"]] == ["missing", state, "missing"]
        assert not status["complete"]
    assert (await _export(bus)).json()["services"] == ["telemarketing", "account"]


async def test_one_file_sorted_over_all_in_every_order_of_arrival(bus: BusAtWork) -> None:
    batches = {
        "telemarketing": _rows("telemarketing", ["0101", "0102"]),
        "closing": _rows("closing", ["0101", "0201"]),
        "account": [],
    }
    facts = [(service, fact) for service, rows in batches.items() for fact in _batch(service, rows, parts=1)]
    for service, fact in reversed(facts):
        await bus.hear(fact, fact, service=service)
    response = await _export(bus)

    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/csv")
    assert response.content == as_csv([row for rows in batches.values() for row in rows])
    assert response.content.count(b"batch_id,period") == 1
    russian = await _export(bus, "?dialect=ru")
    assert russian.content.startswith("\ufeffbatch_id;".encode())
    assert b";10,00;" in russian.content
    document = json.loads((await _export(bus, "?format=json")).content)
    assert (document["lines"], document["totals"]) == (4, [{"amount": "40.00", "currency": "RUB"}])


async def test_a_later_batch_of_the_period_replaces_the_rejected_one(bus: BusAtWork) -> None:
    for service in ROLES:
        await bus.hear(*_batch(service, []), service=service)
    second = _rows("closing", ["0201"], number=2)
    await bus.hear(*_batch("closing", second, number=2), service="closing")
    assert (await _export(bus)).content == as_csv(second)


async def test_rows_that_do_not_give_the_frozen_hash_are_no_file(bus: BusAtWork) -> None:
    for service in ("telemarketing", "account"):
        await bus.hear(*_batch(service, []), service=service)
    await bus.hear(*_batch("closing", _rows("closing", ["1"]), sha256="0" * 64), service="closing")
    response = await _export(bus)
    assert (response.status_code, response.json()["code"]) == (409, "payroll-damaged")
    assert response.json()["batch_id"] == "closing-2025-09-1"


async def test_parts_in_every_order(bus: BusAtWork) -> None:
    rows = _rows("closing", ["1", "2", "3"])
    for service in ("telemarketing", "account"):
        await bus.hear(*_batch(service, []), service=service)
    orders = list(permutations(range(4)))
    facts = _batch("closing", rows, parts=3)
    for index in orders[17]:
        await bus.hear(facts[index], service="closing")
    assert (await _export(bus)).content == as_csv(rows)


async def test_who_may_and_what_is_no_period(bus: BusAtWork) -> None:
    assert (await _export(bus, who=f"sdr:{new_id()}")).status_code == 403
    assert (await _export(bus, who="integration")).status_code == 403
    assert (await _export(bus, "?format=pdf")).status_code == 422
    assert (await bus.call("GET", "/payroll/2025-13/export", who="payroll")).status_code == 422
