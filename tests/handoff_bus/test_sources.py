"""Sources: kinds, secrets shown once, trials."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from tests.handoff_bus.bus_at_work import NOW, BusAtWork, signed_headers
from tests.handoff_bus.events import payment


async def test_the_secret_is_minted_and_shown_once(bus: BusAtWork) -> None:
    source = await bus.open_source("bank")
    assert source["secret"].startswith("whsec_")
    assert 24 <= len(base64.b64decode(source["secret"].removeprefix("whsec_"))) <= 32
    shown = await bus.read(f"/sources/{source['id']}")
    listed = (await bus.read("/sources?kind=standard"))["items"]
    assert listed == [shown]
    assert "secret" not in shown
    assert source["secret"] not in json.dumps(shown)


async def test_a_given_secret_is_used(bus: BusAtWork) -> None:
    secret = "whsec_" + base64.b64encode(b"k" * 24).decode()
    made = await bus.made("/sources", {"name": "bank", "kind": "standard", "settings": {"secret": secret}})
    assert made["secret"] == secret
    assert made["settings"] == {}
    bus.secrets["bank"] = secret
    assert (await bus.push(payment())).status_code == 202


async def test_names_are_unique(bus: BusAtWork) -> None:
    await bus.open_source("bank")
    response = await bus.call("POST", "/sources", {"name": "bank", "kind": "standard", "settings": {}})
    assert (response.status_code, response.json()["code"]) == (409, "source-name-taken")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "a b"}, "/name"),
        ({"name": "a/b"}, "/name"),
        ({"name": "Банк"}, "/name"),
        ({"name": ""}, "/name"),
        ({"kind": "fax"}, "/kind"),
        ({"settings": {"secret": "whsec_short"}}, "/settings/secret"),
        ({"settings": {"secret": 5}}, "/settings/secret"),
        ({"settings": {"zone": "UTC"}}, "/settings/zone"),
        ({"extra": 1}, "/extra"),
    ],
)
async def test_sources_that_make_no_sense(bus: BusAtWork, body: dict[str, Any], pointer: str) -> None:
    response = await bus.call("POST", "/sources", {"name": "bank", "kind": "standard", "settings": {}} | body)
    assert response.status_code == 422, response.text
    assert pointer in [error["pointer"] for error in response.json()["errors"]]


async def _trial(bus: BusAtWork, source: dict[str, Any], body: bytes, headers: dict[str, str]) -> Any:
    sent = {"headers": headers, "body_base64": base64.b64encode(body).decode()}
    return await bus.call("POST", f"/sources/{source['id']}/trial", sent)


async def test_trial_says_what_the_door_would_and_stores_nothing(bus: BusAtWork) -> None:
    source = await bus.open_source("bank")
    body = json.dumps(payment()).encode()
    headers = signed_headers(source["secret"], webhook_id="w1", at=NOW, body=body)
    tried = await _trial(bus, source, body, {name.title(): value for name, value in headers.items()})
    assert tried.status_code == 200, tried.text
    answer = tried.json()
    assert (answer["verified"], answer["dedupe_key"]) == (True, "w1")
    assert answer["facts"][0]["type"] == "payment.received"
    assert answer["facts"][0]["data"]["amount"] == payment()["data"]["amount"]
    assert (await bus.read("/deliveries"))["items"] == []


async def test_trial_of_a_tampered_or_stale_delivery(bus: BusAtWork) -> None:
    source = await bus.open_source("bank")
    body = json.dumps(payment()).encode()
    headers = signed_headers(source["secret"], webhook_id="w1", at=NOW, body=body)
    for sent in ({**headers, "webhook-id": "w2"}, {}):
        answer = (await _trial(bus, source, body, sent)).json()
        assert (answer["verified"], answer["dedupe_key"], len(answer["facts"])) == (False, None, 1)
    bus.clock.set(NOW + timedelta(minutes=6))
    assert not (await _trial(bus, source, body, headers)).json()["verified"]
    assert (await _trial(bus, source, b"[]", headers)).status_code == 422
    broken = await bus.call("POST", f"/sources/{source['id']}/trial", {"headers": {}, "body_base64": "***"})
    assert broken.json()["errors"][0]["pointer"] == "/body_base64"
