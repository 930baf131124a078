"""What must be refused, against the real four services: each a problem document that names what is wrong, none 500."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from conveyor.kit.clock import SystemClock
from conveyor.kit.ids import new_id
from conveyor_local.department import SERVICES, Department
from conveyor_local.golden_quarter import BORIS, GLEB, Story, golden_quarter
from conveyor_local.stack import LocalStack
from conveyor_local.storyteller import Storyteller

MONEY = {"amount": "100.00", "currency": "RUB"}


@pytest.fixture(scope="module")
def system(server_home: Path, prepared_home: Path) -> Iterator[LocalStack]:
    made = LocalStack.copied(prepared_home, server_home / f"stack-{new_id().hex[-12:]}")
    try:
        made.start()
        yield made
    finally:
        made.stop()
        made.forget()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def teller(system: LocalStack) -> AsyncIterator[Storyteller]:
    """The golden department with a second closer; nothing pushed yet but the sources are open."""
    urls = {service: system.base_url(service) for service in SERVICES}
    async with Department(base_urls=urls, token=system.token) as department:
        golden = golden_quarter()
        people = (*golden.people, GLEB)
        made = Storyteller(department, Story(people, golden.chains, golden.companies, (), golden.hooks, golden.months))
        await made.open_department()
        await department.rest()
        yield made


pytestmark = pytest.mark.asyncio(loop_scope="module")


def _assert_problem(response: httpx2.Response, status: int, *, naming: str = "") -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["code"]
    assert naming in json.dumps(problem["errors"] if naming.startswith("/") else problem)


def _payment(**changes: Any) -> dict[str, Any]:
    data = {
        "payment_id": str(new_id()),
        "paid_at": "2025-09-22T12:00:00+03:00",
        "amount": MONEY,
        "lead": {"system": "contract", "value": "C-17"},
    }
    return {"type": "payment.received", "timestamp": "2025-09-22T12:00:00+03:00", "data": data | changes}


async def _deliver(teller: Storyteller, event: dict[str, Any], **options: Any) -> httpx2.Response:
    return await teller.department.deliver("bank", event, webhook_id=str(new_id()), **options)


async def _post(teller: Storyteller, service: str, path: str, body: dict[str, Any], **who: Any) -> httpx2.Response:
    return await teller.department.request(service, "POST", path, body=body, **({"role": "integration"} | who))


@pytest.mark.parametrize(
    "amount",
    [
        pytest.param({"amount": 100.5, "currency": "RUB"}, id="number"),
        pytest.param({"amount": "1e3", "currency": "RUB"}, id="exponent"),
        pytest.param({"amount": "100.001", "currency": "RUB"}, id="too-many-decimals"),
        pytest.param({"amount": "-100.00", "currency": "RUB"}, id="negative"),
        pytest.param({"amount": "100.00", "currency": "RUR"}, id="unknown-currency"),
        pytest.param({"amount": "1_000.00", "currency": "RUB"}, id="separator"),
        pytest.param({"amount": "١٠٠.00", "currency": "RUB"}, id="foreign-digits"),
    ],
)
async def test_money(teller: Storyteller, amount: dict[str, Any]) -> None:
    _assert_problem(await _deliver(teller, _payment(amount=amount)), 422, naming="/data/amount")


async def test_unknown_field_in_a_webhook(teller: Storyteller) -> None:
    _assert_problem(await _deliver(teller, _payment(colour="red")), 422, naming="/data/colour")


async def test_unknown_field_in_a_request(teller: Storyteller) -> None:
    body = {"kind": "letter_general", "mood": "good", "employee_id": teller.employee_ids["Anna"]}
    answer = await _post(teller, "telemarketing", f"/leads/{teller.lead_ids['L3']}/touches", body)
    _assert_problem(answer, 422, naming="/mood")


async def test_date_in_the_future(teller: Storyteller) -> None:
    tomorrow = (SystemClock().now() + timedelta(days=1)).isoformat()
    body = {"kind": "letter_general", "occurred_at": tomorrow, "employee_id": teller.employee_ids["Anna"]}
    answer = await _post(teller, "telemarketing", f"/leads/{teller.lead_ids['L3']}/touches", body)
    _assert_problem(answer, 422, naming="/occurred_at")


async def test_unknown_role(teller: Storyteller) -> None:
    body = {"full_name": "X", "role": "boss", "payroll_number": "9", "hired_on": "2025-01-01", "references": []}
    _assert_problem(await _post(teller, "handoff-bus", "/employees", body, role="admin"), 422, naming="/role")


async def test_nul_in_text(teller: Storyteller) -> None:
    body = {"kind": "letter_general", "note": "a\x00b", "employee_id": teller.employee_ids["Anna"]}
    answer = await _post(teller, "telemarketing", f"/leads/{teller.lead_ids['L3']}/touches", body)
    _assert_problem(answer, 422, naming="/note")
    _assert_problem(await _deliver(teller, _payment(payment_id="a\x00b")), 422, naming="/data/payment_id")


async def test_handoff_accepted_twice_or_by_the_wrong_person_and_a_second_meeting(teller: Storyteller) -> None:
    lead_id = teller.lead_ids["L1"]
    booking = {"starts_at": "2025-09-11T15:00:00+03:00", "occurred_at": "2025-09-09T10:00:00+03:00"}
    booking |= {"employee_id": teller.employee_ids["Anna"]}
    booked = await _post(teller, "telemarketing", f"/leads/{lead_id}/meetings", booking)
    handoff = f"/handoffs/{booked.json()['handoff_id']}/acceptance"
    when = {"occurred_at": "2025-09-09T11:00:00+03:00"}

    of_another_role = await _post(teller, "closing", handoff, when | {"employee_id": teller.employee_ids["Anna"]})
    wrong_person = await _post(teller, "closing", handoff, {}, role="ae", employee_id=teller.employee_ids[GLEB.name])
    accepted = await _post(teller, "closing", handoff, when | {"employee_id": teller.employee_ids[BORIS.name]})
    again = await _post(teller, "closing", handoff, when | {"employee_id": teller.employee_ids[BORIS.name]})
    second = await _post(teller, "telemarketing", f"/leads/{lead_id}/meetings", booking)

    _assert_problem(of_another_role, 422, naming="/employee_id")
    _assert_problem(wrong_person, 404)
    assert accepted.status_code == 201
    _assert_problem(again, 409, naming="handoff-already-accepted")
    _assert_problem(second, 409, naming="lead-already-handed-over")


async def test_same_delivery_id_with_another_body(teller: Storyteller) -> None:
    webhook_id = str(new_id())
    first = await teller.department.deliver("bank", _payment(), webhook_id=webhook_id)
    other = await teller.department.deliver("bank", _payment(), webhook_id=webhook_id)

    assert first.status_code == 202
    _assert_problem(other, 409)


async def test_bad_signature(teller: Storyteller) -> None:
    _assert_problem(await _deliver(teller, _payment(), signed_body=b"{}"), 401)


async def test_stale_timestamp(teller: Storyteller) -> None:
    sent_at = int(datetime.now(UTC).timestamp()) - 6 * 60
    _assert_problem(await _deliver(teller, _payment(), sent_at=sent_at), 401)


async def test_unknown_source(teller: Storyteller) -> None:
    _assert_problem(await teller.department.post_raw("handoff-bus", "/webhooks/nobody", b"{}", {}), 404)


@pytest.mark.parametrize(
    ("body", "status"),
    [pytest.param(b"x" * (256 * 1024 + 1), 413, id="too-large"), pytest.param(b"{not json", 422, id="not-json")],
)
async def test_raw_bodies(teller: Storyteller, body: bytes, status: int) -> None:
    headers = teller.department.signed("bank", webhook_id=str(new_id()), body=body)
    _assert_problem(await teller.department.post_raw("handoff-bus", "/webhooks/bank", body, headers), status)


async def test_without_a_token_and_with_the_wrong_role(teller: Storyteller) -> None:
    _assert_problem(await teller.department.post_raw("closing", "/deals", b"{}", {}), 405)
    json_type = {"content-type": "application/json"}
    answer = await teller.department.post_raw("account", f"/handoffs/{new_id()}/acceptance", b"{}", json_type)
    _assert_problem(answer, 401)
    answer = await _post(teller, "closing", "/bonus-periods/2025-09/close", {}, role="payroll")
    _assert_problem(answer, 403)
