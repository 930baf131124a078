"""Sources of many kinds at the real door: proofs, answers, several events in one delivery, nothing secret kept."""

import base64
import hmac
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from conveyor.contracts.outside import CallRecorded, LeadReceived, PaymentReceived
from tests.handoff_bus.bus_at_work import NOW, BusAtWork
from tests.handoff_bus.kinds.deliveries_of_kinds import sample

FORM = {"content-type": "application/x-www-form-urlencoded"}
BATCH = {"content-type": "application/cloudevents-batch+json"}
LEADS = "leads[add][0][id]=501&leads[add][0][name]=A&leads[add][1][id]=502&leads[add][1][name]=B"
NOTE = {"note_type": "10", "element_type": "2", "element_id": "501", "id": "5", "created_by": "12"}
NOTE |= {"created_at": "1771934400", "text": '{"UNIQ": "u-1", "DURATION": "30"}'}
CALL = urlencode({f"leads[note][0][note][{name}]": value for name, value in NOTE.items()})


async def _source(bus: BusAtWork, kind: str, **settings: Any) -> dict[str, Any]:
    return await bus.made("/sources", {"name": "crm", "kind": kind, "settings": settings})


async def _only(bus: BusAtWork) -> dict[str, Any]:
    (delivery,) = (await bus.read("/deliveries"))["items"]
    return await bus.delivery(delivery["id"])


async def test_several_events_of_one_delivery_are_said_once_each(bus: BusAtWork) -> None:
    source = await _source(bus, "amocrm")
    for _ in range(2):
        path = f"/v1/webhooks/crm?token={source['secret']}"
        answer = await bus.http.post(path, content=f"{LEADS}&{CALL}", headers=FORM)
        assert (answer.status_code, answer.content) == (200, b"")
        await bus.settle()
    seen = await _only(bus)
    assert (seen["state"], seen["reason"]) == ("parked", "unknown_employee")
    assert [fact["part"] for fact in seen["facts"]] == [0, 1]
    assert seen["headers"][":query"] == "token=[redacted]"

    await bus.hire("Anna", references=[{"system": "crm:crm", "value": "12"}])
    await bus.settle()
    seen = await _only(bus)
    assert (seen["state"], seen["reason"], len(seen["facts"])) == ("published", None, 3)
    first, second = await bus.said(LeadReceived)
    (call,) = await bus.said(CallRecorded)
    assert (first.company.name, second.company.name, call.lead_id) == ("A", "B", first.lead_id)


async def test_without_its_token_a_delivery_is_refused(bus: BusAtWork) -> None:
    await _source(bus, "amocrm")
    answer = await bus.http.post("/v1/webhooks/crm?token=guess", content=LEADS, headers=FORM)
    assert (answer.status_code, answer.json()["code"]) == (401, "bad-signature")


async def test_what_has_no_words_is_published_with_the_reason(bus: BusAtWork) -> None:
    source = await _source(bus, "amocrm")
    body = sample("amocrm_lead_status_full_2018.form")
    await bus.http.post(f"/v1/webhooks/crm?token={source['secret']}", content=body, headers=FORM)
    await bus.settle()
    seen = await _only(bus)
    assert (seen["state"], seen["reason"], seen["facts"]) == ("published", "nothing_to_say", [])
    assert seen["type"] == "leads.status"


async def test_an_unknown_event_with_a_nul_in_its_name_is_told_without_it(bus: BusAtWork) -> None:
    await _source(bus, "bitrix24", secret="app-token")
    body = "event=ON%00CALL&auth[application_token]=app-token"
    assert (await bus.http.post("/v1/webhooks/crm", content=body, headers=FORM)).status_code == 200
    await bus.settle()
    seen = await _only(bus)
    assert (seen["state"], seen["reason"], seen["type"]) == ("published", "nothing_to_say", "ON?CALL")
    assert seen["detail"].startswith("ON?CALL ")


async def test_a_proven_delivery_that_cannot_be_read_is_kept_and_answered_well(bus: BusAtWork) -> None:
    await _source(bus, "bitrix24", secret="app-token")
    body = "event=ONVOXIMPLANTCALLEND&data[CALL_ID]=1&auth[application_token]=app-token&auth[access_token]=oauth"
    for _ in range(2):
        assert (await bus.http.post("/v1/webhooks/crm", content=body, headers=FORM)).status_code == 200
    await bus.settle()
    seen = await _only(bus)
    assert (seen["state"], seen["reason"]) == ("quarantined", "unreadable")
    assert "/data/CALL_START_DATE" in seen["detail"]
    assert "oauth" not in seen["body"]
    assert "app-token" not in seen["body"]


async def test_a_thin_event_waits_for_what_the_portal_tells(bus: BusAtWork) -> None:
    source = await _source(bus, "bitrix24", secret="app-token", api_url="https://p.example/rest/1/hidden/")
    assert "hidden" not in json.dumps(source)
    assert "hidden" not in (await bus.call("GET", f"/sources/{source['id']}")).text
    body = "event=ONCRMLEADADD&data[FIELDS][ID]=31&ts=1771934400&auth[application_token]=app-token"
    await bus.http.post("/v1/webhooks/crm", content=body, headers=FORM)
    await bus.settle()
    seen = await _only(bus)
    assert seen["reason"] == "awaits_fetch"
    assert "hidden" not in json.dumps(seen)
    assert await bus.said(LeadReceived) == []


async def test_a_conflicting_delivery_is_quarantined_but_answered_well(bus: BusAtWork) -> None:
    await _source(bus, "salesforce", secret="00DAp000000Qw1Z")
    body = sample("salesforce_outbound_message_account.xml")
    for content in (body, body, body.replace(b"Romashka", b"Vasilek")):
        answer = await bus.http.post("/v1/webhooks/crm", content=content, headers={"content-type": "text/xml"})
        assert b"<Ack>true</Ack>" in answer.content
        assert answer.headers["content-type"].startswith("text/xml")
    states = [delivery["state"] for delivery in (await bus.read("/deliveries"))["items"]]
    assert states == ["received", "quarantined"]


async def test_the_signed_address_is_the_one_that_was_asked(bus: BusAtWork) -> None:
    await _source(bus, "hubspot", secret="client-secret")
    body = sample("hubspot_deal_propertyChange_dealstage.json")
    at = str(int(NOW.timestamp() * 1000))
    signed = b"POSThttp://bus.test/v1/webhooks/crm?a=b" + body + at.encode()
    signature = base64.b64encode(hmac.digest(b"client-secret", signed, "sha256")).decode()
    headers = {"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": at}
    assert (await bus.http.post("/v1/webhooks/crm?a=c", content=body, headers=headers)).status_code == 401
    assert (await bus.http.post("/v1/webhooks/crm?a=b", content=body, headers=headers)).status_code == 204
    seen = await _only(bus)
    assert signature not in json.dumps(seen)
    assert seen["headers"]["x-hubspot-signature-v3"] == "[redacted]"


async def test_handshake_and_methods(bus: BusAtWork) -> None:
    source = await _source(bus, "cloudevents")
    origin = {"webhook-request-origin": "events.example.com"}
    answer = await bus.http.request("OPTIONS", "/v1/webhooks/crm", headers=origin)
    assert (answer.status_code, answer.headers["webhook-allowed-origin"]) == (200, "events.example.com")
    refused = await bus.http.get("/v1/webhooks/crm")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST, PUT")
    assert (await bus.http.get("/v1/webhooks/nobody")).status_code == 404
    bearer = {**BATCH, "authorization": f"Bearer {source['secret']}"}
    assert (await bus.http.put("/v1/webhooks/crm", content="[]", headers=bearer)).status_code == 202
    seen = await _only(bus)
    assert (seen["headers"][":method"], seen["headers"]["authorization"]) == ("PUT", "[redacted]")


def _paid(number: int, contract: str, **changes: Any) -> dict[str, Any]:
    amount = {"amount": "100.00", "currency": "RUB"}
    at = (NOW - timedelta(days=1)).isoformat()
    lead = {"system": "contract", "value": contract}
    data = {"payment_id": f"P{number}", "paid_at": at, "amount": amount, "lead": lead, **changes}
    return {"specversion": "1.0", "type": "payment.received", "source": "/s", "id": f"e{number}", "data": data}


async def test_the_same_payment_twice_in_one_batch_is_said_once(bus: BusAtWork) -> None:
    source = await _source(bus, "cloudevents")
    lead = {"lead": {"system": "contract", "value": "C-1"}, "company": {"name": "A"}, "contacts": []}
    born = {"specversion": "1.0", "type": "lead.received", "source": "/s", "id": "e0"}
    batch = [_paid(1, "C-1"), {**born, "data": {**lead, "channel": "site", "mechanics": "warm"}}, _paid(1, "C-1")]
    bearer = {**BATCH, "authorization": f"Bearer {source['secret']}"}
    await bus.http.post("/v1/webhooks/crm", content=json.dumps(batch), headers=bearer)
    await bus.settle()
    assert (await _only(bus))["state"] == "published"
    assert len(await bus.said(PaymentReceived)) == 1


async def test_a_delivery_about_several_leads_is_not_matched_to_one(bus: BusAtWork) -> None:
    source = await _source(bus, "cloudevents")
    bearer = {**BATCH, "authorization": f"Bearer {source['secret']}"}
    await bus.http.post("/v1/webhooks/crm", content=json.dumps([_paid(1, "C-1"), _paid(2, "C-2")]), headers=bearer)
    await bus.settle()
    seen = await _only(bus)
    assert seen["waits_for"] == ["lead:contract:C-1", "lead:contract:C-2"]
    lead_id = "01890000-0000-7000-8000-000000000000"
    assert (await bus.call("POST", f"/deliveries/{seen['id']}/match", {"lead_id": lead_id})).status_code == 422
    await bus.push({"type": "lead.received", "timestamp": NOW.isoformat(), "data": _site_lead()}, source="site")
    await bus.settle()
    known = (await bus.said(LeadReceived))[0].lead_id
    refused = await bus.call("POST", f"/deliveries/{seen['id']}/match", {"lead_id": str(known)})
    assert (refused.status_code, refused.json()["code"]) == (409, "several-leads-to-match")


def _site_lead() -> dict[str, Any]:
    name = {"system": "crm:site", "value": "1"}
    return {"lead": name, "company": {"name": "A"}, "contacts": [], "channel": "site", "mechanics": "warm"}


@pytest.mark.parametrize(
    ("kind", "settings", "pointer"),
    [
        ("hubspot", {}, "/settings/secret"),
        ("bitrix24", {}, "/settings/secret"),
        ("salesforce", {"secret": "00D"}, "/settings/secret"),
        ("amocrm", {"secret": "short"}, "/settings/secret"),
        ("pipedrive", {"secret": "no-colon-in-this-secret"}, "/settings/secret"),
        ("amocrm", {"mechanics": "hot"}, "/settings/mechanics"),
        ("amocrm", {"zone": "UTC"}, "/settings/zone"),
        ("salesforce", {"secret": "00DAp000000Qw1Z", "networks": ["300.0.0.0/8"]}, "/settings/networks/0"),
        ("mapped", {}, "/settings/rules"),
    ],
)
async def test_settings_that_make_no_sense(bus: BusAtWork, kind: str, settings: dict[str, Any], pointer: str) -> None:
    refused = await bus.call("POST", "/sources", {"name": "crm", "kind": kind, "settings": settings})
    assert refused.status_code == 422
    assert pointer in [error["pointer"] for error in refused.json()["errors"]]


async def test_the_trial_of_other_kinds(bus: BusAtWork) -> None:
    source = await _source(bus, "amocrm", channel="site")
    assert (source["trust"], source["settings"]) == ("token", {"channel": "site"})

    async def tried(body: str, query: str) -> dict[str, Any]:
        sent = {"headers": {}, "body_base64": base64.b64encode(body.encode()).decode()}
        sent |= {"received_url": f"https://bus.example/v1/webhooks/crm?{query}"}
        answer = await bus.call("POST", f"/sources/{source['id']}/trial", sent)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    seen = await tried(LEADS, f"token={source['secret']}")
    assert (seen["verified"], [fact["data"]["channel"] for fact in seen["facts"]]) == (True, ["site", "site"])
    seen = await tried("task[update][0][id]=1", "token=guess")
    assert (seen["verified"], seen["dedupe_key"], seen["facts"]) == (False, None, [])
    assert seen["silence"] == "nothing_to_say"
    assert (await bus.read("/deliveries"))["items"] == []
