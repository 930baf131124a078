"""What CRMs answer that is no success, and what may be set about writing to them."""

import json
from datetime import timedelta
from typing import Any

import pytest

from conveyor.kit.ids import new_id
from tests.handoff_bus.bus_at_work import NOW, BusAtWork
from tests.handoff_bus.outbound.crms import (
    TOKEN,
    accepted,
    as_amocrm,
    entered,
    named,
    open_amocrm,
    open_bitrix24,
    write,
    write_back,
)
from tests.handoff_bus.outbound.receivers import Answering, Receiver


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        (Answering(status=401, body=b'{"title": "Unauthorized"}'), "due", "tried_again"),
        (Answering(status=400, body=b'{"title": "Bad Request"}'), "failed", "refused"),
        (Answering(status=404), "failed", "gone_at_source"),
        (Answering(body=b"<html>log in</html>"), "due", "tried_again"),
        (Answering(status=302, headers={"location": "http://127.0.0.1:1/"}), "due", "tried_again"),
    ],
)
async def test_answers_of_amocrm_that_are_no_success(
    bus: BusAtWork, receiver: Receiver, answer: Answering, state: str, reason: str
) -> None:
    receiver.answering = answer
    await open_amocrm(bus, receiver.url)
    lead = new_id()
    await bus.hear(named(lead, "77001"), entered(lead), at=NOW)
    await write(bus)
    seen = await write_back(bus, lead)
    assert (seen["state"], seen["reason"], len(receiver.received)) == (state, reason, 1)
    bus.clock.set(NOW + timedelta(days=8))
    await write(bus)
    assert (await write_back(bus, lead))["state"] == "failed"
    receiver.answering = as_amocrm
    await bus.call("POST", f"/write-backs/{seen['id']}/replay")
    await write(bus)
    assert (await write_back(bus, lead))["state"] == "settled"


@pytest.mark.parametrize(
    ("status", "told", "becomes"),
    [
        (503, {"error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many requests"}, ("due", "tried_again")),
        (200, {"error": "QUERY_LIMIT_EXCEEDED"}, ("due", "tried_again")),
        (400, {"error": "NOT_FOUND", "error_description": "Not found"}, ("failed", "gone_at_source")),
        (400, {"error": "CRM_FIELD_ERROR_REQUIRED"}, ("failed", "refused")),
        (200, {"error": "ACCESS_DENIED"}, ("failed", "refused")),
        (401, {"error": "INVALID_CREDENTIALS"}, ("due", "tried_again")),
        (200, ["nothing"], ("due", "tried_again")),
    ],
)
async def test_answers_of_bitrix24_that_are_no_success(
    bus: BusAtWork, receiver: Receiver, status: int, told: Any, becomes: tuple[str, str]
) -> None:
    receiver.answering = Answering(status=status, body=json.dumps(told).encode())
    await open_bitrix24(bus, receiver.url)
    lead = new_id()
    await bus.hear(named(lead, "deal:905", source="b24"), accepted(lead, new_id()), at=NOW)
    await write(bus)
    seen = await write_back(bus, lead)
    assert (seen["state"], seen["reason"]) == becomes
    assert "q2w3e4r5t6" not in json.dumps(seen)


async def test_only_an_admin_sets_it_and_wrong_settings_name_their_field(bus: BusAtWork, receiver: Receiver) -> None:
    source = await open_amocrm(bus, receiver.url)
    path = f"/sources/{source['id']}/write-back"
    assert (await bus.call("PUT", path, {}, who="head")).status_code == 403
    seen = await bus.read(path)
    assert (seen["enabled"], seen["settings"]["api_url"], "token" in seen["settings"]) == (True, receiver.url, False)
    wrong = {"api_url": receiver.url, "token": TOKEN, "statuses": {"closing": {"pipeline_id": 1}, "asleep": {}}}
    refused = await bus.call("PUT", path, wrong)
    assert refused.status_code == 422
    pointers = {error["pointer"] for error in refused.json()["errors"]}
    assert "/statuses/closing/status_id" in pointers
    metadata = await bus.call("PUT", path, {"api_url": "http://169.254.169.254/", "token": TOKEN})
    assert metadata.json()["errors"][0]["pointer"] == "/api_url"
    bank = await bus.open_source("bank")
    other = await bus.call("PUT", f"/sources/{bank['id']}/write-back", {})
    assert (other.status_code, other.json()["code"]) == (409, "no-write-back-for-kind")
    assert (await bus.read(f"/sources/{bank['id']}/write-back"))["enabled"] is False
    assert (await bus.call("GET", f"/sources/{new_id()}/write-back")).status_code == 404


async def test_an_ended_write_back_writes_nothing_and_forgets_its_token(bus: BusAtWork, receiver: Receiver) -> None:
    source = await open_amocrm(bus, receiver.url)
    lead = new_id()
    await bus.hear(named(lead, "77001"), entered(lead), at=NOW)
    path = f"/sources/{source['id']}/write-back"
    ended = await bus.call("DELETE", path)
    assert (await bus.call("DELETE", path)).json()["enabled"] is False
    assert (ended.json()["enabled"], await write(bus), receiver.received) == (False, 0, [])
