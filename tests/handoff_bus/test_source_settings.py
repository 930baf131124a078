"""Settings of a source are corrected in use: the door reads by the new ones, and silent deliveries are read again."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from conveyor.contracts.outside import LeadReceived, PaymentReceived
from conveyor.kit.ids import new_id
from handoff_bus.deliveries.replays.replayer import Replayer
from tests.handoff_bus.bus_at_work import BusAtWork
from tests.handoff_bus.payments.payment_sources import Api, api_at_work, fetcher_of, know_lead

FORM = {"content-type": "application/x-www-form-urlencoded"}
BORN = "event=ONCRMLEADADD&data[FIELDS][ID]=31&ts=1771934400&auth[application_token]=app-token"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with api_at_work() as made:
        yield made


async def _replay_all(bus: BusAtWork) -> None:
    day = {"received_from": "2026-03-10T00:00:00Z", "received_until": "2026-03-11T00:00:00Z", "state": "published"}
    await bus.made("/delivery-replays", day, who="head")
    while await Replayer(bus.database).replay_batch():
        pass


async def test_thin_events_are_completed_once_the_portal_can_be_asked(bus: BusAtWork, api: Api) -> None:
    source = await bus.made("/sources", {"name": "crm", "kind": "bitrix24", "settings": {"secret": "app-token"}})
    assert (await bus.http.post("/v1/webhooks/crm", content=BORN, headers=FORM)).status_code == 200
    await bus.settle()
    (seen,) = (await bus.read("/deliveries"))["items"]
    assert (seen["state"], seen["reason"]) == ("published", "thin_event")

    changed = await bus.call("PUT", f"/sources/{source['id']}/settings", {"settings": {"api_url": api.url}})
    assert (changed.status_code, "api_url" in changed.json()["settings"]) == (200, False)
    api.answers["/crm.lead.get?id=31"] = (200, {"result": {"ID": "31", "TITLE": "Romashka"}})
    await _replay_all(bus)
    assert await bus.state(seen["id"]) == ("received", "awaits_fetch")
    async with fetcher_of(bus) as fetcher:
        await fetcher.fetch_batch()
    await bus.settle()
    await _replay_all(bus)
    assert [fact.company.name for fact in await bus.said(LeadReceived)] == ["Romashka"]


def _rules(path: str) -> dict[str, Any]:
    fields = {
        "payment_id": {"path": "id"},
        "paid_at": {"path": "paid"},
        "amount.amount": {"path": path},
        "amount.currency": {"value": "RUB"},
        "lead.system": {"value": "contract"},
        "lead.value": {"path": "contract"},
    }
    return {"proof": "token", "rules": [{"type": "payment.received", "fields": fields}]}


async def test_a_wrong_mapping_is_corrected_and_nothing_is_said_twice(bus: BusAtWork) -> None:
    await know_lead(bus, ("contract", "C-17"))
    source = await bus.made("/sources", {"name": "till", "kind": "mapped", "settings": _rules("total")})
    body = {"id": "P1", "paid": "2026-03-09T10:00:00Z", "sum": "45.00", "contract": "C-17"}

    async def pay() -> None:
        headers = {"x-signature": source["secret"], "content-type": "application/json"}
        answer = await bus.http.post("/v1/webhooks/till", content=json.dumps(body), headers=headers)
        assert answer.status_code in {200, 202}, answer.text
        await bus.settle()

    await pay()
    (seen,) = (await bus.read("/deliveries"))["items"]
    assert (seen["state"], seen["reason"]) == ("quarantined", "unreadable")
    put = await bus.call("PUT", f"/sources/{source['id']}/settings", {"settings": _rules("sum")})
    assert put.status_code == 200, put.text
    for _ in range(2):
        await bus.call("POST", f"/deliveries/{seen['id']}/replay", who="head")
        await pay()
    assert [fact.amount.amount for fact in await bus.said(PaymentReceived)] == ["45.00"]


async def test_settings_that_make_no_sense_change_nothing(bus: BusAtWork) -> None:
    source = await bus.made("/sources", {"name": "till", "kind": "mapped", "settings": _rules("sum")})
    path = f"/sources/{source['id']}/settings"
    for settings, pointer in (({}, "/settings/rules"), (_rules("sum") | {"secret": "x" * 20}, "/settings/secret")):
        refused = await bus.call("PUT", path, {"settings": settings})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    assert (await bus.read(f"/sources/{source['id']}"))["settings"] == source["settings"]
    assert (await bus.call("PUT", path, {"settings": {}}, who="head")).status_code == 403
    assert (await bus.call("PUT", f"/sources/{new_id()}/settings", {"settings": {}})).status_code == 404


async def test_credentials_are_not_sent_to_another_host_by_someone_who_does_not_know_them(bus: BusAtWork) -> None:
    given = {"secret": "s" * 20, "api_token": "t0ken", "portal_id": 7}
    source = await bus.made("/sources", {"name": "hub", "kind": "hubspot", "settings": given})
    path = f"/sources/{source['id']}/settings"
    for url in ("https://thief.example", "https://api.hubapi.com@thief.example", "http://api.hubapi.com"):
        refused = await bus.call("PUT", path, {"settings": {"api_url": url}})
        assert (refused.status_code, _pointers(refused)) == (422, ["/settings/api_token"])
    assert (await bus.read(f"/sources/{source['id']}"))["settings"] == source["settings"]

    same_host = {"portal_id": 8, "api_url": "https://api.hubapi.com/proxied"}
    assert (await bus.call("PUT", path, {"settings": same_host})).status_code == 200
    moved = {"api_url": "https://api-eu1.hubapi.com", "api_token": "t0ken"}
    assert (await bus.call("PUT", path, {"settings": moved})).status_code == 200
    back = await bus.call("PUT", path, {"settings": {}})
    assert (back.status_code, _pointers(back)) == (422, ["/settings/api_token"])


@pytest.mark.parametrize("kind", ["yookassa", "tbank"])
async def test_a_secret_that_proves_calls_is_told_again_when_they_go_to_another_host(bus: BusAtWork, kind: str) -> None:
    source = await bus.made("/sources", {"name": "till", "kind": kind, "settings": {"secret": "s" * 20}})
    await bus.made(f"/sources/{source['id']}/secret", {"secret": "n" * 20})
    path, moved = f"/sources/{source['id']}/settings", {"api_url": "https://other.example"}
    for wrong in ({}, {"secret": "s" * 20}, {"secret": 7}):
        refused = await bus.call("PUT", path, {"settings": {**moved, **wrong}})
        assert (refused.status_code, _pointers(refused)) == (422, ["/settings/secret"])
    assert (await bus.call("PUT", path, {"settings": {**moved, "secret": "n" * 20}})).json()["settings"] == moved
    assert (await bus.call("PUT", path, {"settings": {**moved, "order_is": "contract"}})).status_code == 200


def _pointers(refused: httpx2.Response) -> list[str]:
    return [error["pointer"] for error in refused.json()["errors"]]
