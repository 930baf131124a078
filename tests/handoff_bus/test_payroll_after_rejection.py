"""What became of the batches, and every form of the one file: kept once written, another after a rejection."""

import asyncio
import io
import json
from itertools import permutations

import pytest
from openpyxl import load_workbook

from conveyor.contracts.envelope import Fact
from conveyor.contracts.payroll import PayoutBatchAcknowledged, PayoutBatchPaid, PayoutBatchRejected
from conveyor.payroll_file.csv_form import as_csv
from tests.handoff_bus.bus_at_work import BusAtWork, Json
from tests.handoff_bus.test_payroll_gathering import ROLES, _batch, _export, _rows


async def gathered(bus: BusAtWork) -> None:
    """A batch of every service; closing's has two rows."""
    for service in ROLES:
        rows = _rows(service, ["0201", "0202"]) if service == "closing" else _rows(service, ["0101"])
        await bus.hear(*_batch(service, rows), service=service)


def rejected(number: int = 1) -> Fact:
    return PayoutBatchRejected(
        batch_id=f"closing-2025-09-{number}", period="2025-09", number=number, reason="run not opened"
    )


async def closing_status(bus: BusAtWork) -> Json:
    status = await bus.read("/payroll/2025-09", who="payroll")
    found: Json = next(batch for batch in status["batches"] if batch["service"] == "closing")
    return found


async def test_after_a_rejection_the_file_waits_for_the_successor(bus: BusAtWork) -> None:
    await gathered(bus)
    before = (await _export(bus)).content
    await bus.hear(rejected(), service="closing")
    refused = await _export(bus)
    assert (refused.status_code, refused.json()["services"]) == (409, ["closing"])
    assert await closing_status(bus) == {
        "service": "closing",
        "state": "missing",
        "batch_id": None,
        "lines": None,
        "totals": [],
        "sha256": None,
        "payout": None,
        "rejected": [{"batch_id": "closing-2025-09-1", "reason": "run not opened"}],
    }
    await bus.hear(*_batch("closing", _rows("closing", ["0201"], number=2), number=2), service="closing")
    after = (await _export(bus)).content
    assert b"closing-2025-09-2" in after
    assert b"closing-2025-09-1" not in after
    assert after != before


@pytest.mark.parametrize("order", list(permutations(range(4)))[::5])
async def test_in_whatever_order_it_is_heard(bus: BusAtWork, order: tuple[int, ...]) -> None:
    await gathered(bus)
    facts = [rejected(), *_batch("closing", _rows("closing", ["0201", "0203"], number=2), number=2, parts=2)]
    for index in order:
        await bus.hear(facts[index], facts[index], service="closing")
    assert (await closing_status(bus))["batch_id"] == "closing-2025-09-2"
    assert (await _export(bus)).content.count(b"closing-2025-09-2") == 2


async def test_what_payroll_did_with_it(bus: BusAtWork) -> None:
    await gathered(bus)
    assert (await closing_status(bus))["payout"] == "frozen"
    await bus.hear(PayoutBatchPaid(batch_id="closing-2025-09-1", period="2025-09"), service="closing")
    assert (await closing_status(bus))["payout"] == "paid"
    await bus.hear(PayoutBatchAcknowledged(batch_id="closing-2025-09-1", external_run_id="run-7"), service="closing")
    assert (await closing_status(bus))["payout"] == "paid"


@pytest.mark.parametrize(
    "query", ["", "?dialect=ru", "?format=xlsx", "?format=json", "?format=jsonl", "?profile=onec-zup", "?profile=adp"]
)
async def test_the_same_bytes_every_time_and_for_everybody(bus: BusAtWork, query: str) -> None:
    await gathered(bus)
    answers = await asyncio.gather(*[_export(bus, query) for _ in range(4)])
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert int(answers[0].headers["content-length"]) == len(answers[0].content)
    assert answers[0].headers["repr-digest"].startswith("sha-256=:")


async def test_forms(bus: BusAtWork) -> None:
    await gathered(bus)
    assert (await _export(bus)).content == as_csv(
        [*_rows("telemarketing", ["0101"]), *_rows("closing", ["0201", "0202"]), *_rows("account", ["0101"])]
    )
    lines = [json.loads(line) for line in (await _export(bus, "?format=jsonl")).content.splitlines()]
    assert [(line["payroll_number"], line["role"]) for line in lines] == [
        ("0101", "am"),
        ("0101", "sdr"),
        ("0201", "ae"),
        ("0202", "ae"),
    ]
    sheet = load_workbook(io.BytesIO((await _export(bus, "?format=xlsx")).content)).active
    assert sheet is not None
    assert sheet.max_row == 5
    adp = await _export(bus, "?profile=adp")
    assert adp.headers["content-disposition"] == 'attachment; filename="PRCNVEPI.csv"'
    assert adp.content.splitlines()[1:] == [
        b"CNV,BONUS09,000101,B,20.00",
        b"CNV,BONUS09,000201,B,10.00",
        b"CNV,BONUS09,000202,B,10.00",
    ]


async def test_a_profile_that_cannot_take_it_names_row_and_field(bus: BusAtWork) -> None:
    await gathered(bus)
    number = (await _export(bus, "?profile=sap")).json()
    assert (number["status"], number["errors"][0]["pointer"]) == (422, "/profile")
    await bus.hear(rejected(), service="closing")
    rows = [row.model_copy(update={"employee": "Łucja"}) for row in _rows("closing", ["0201"], number=2)]
    await bus.hear(*_batch("closing", rows, number=2), service="closing")
    answer = (await _export(bus, "?profile=onec-zup-cp1251")).json()
    assert (answer["status"], answer["code"]) == (409, "payroll-text-unencodable")
    assert (answer["row"], answer["field"], answer["character"]) == (3, "ФИО", "U+0141")
