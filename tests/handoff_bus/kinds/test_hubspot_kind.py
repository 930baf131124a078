"""HubSpot: three versions of its signature, batches, and contacts that are asked about."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from handoff_bus.sources.kinds.hubspot.kind import HUBSPOT
from handoff_bus.sources.kinds.kind import StaleTimestamp, UnreadableDelivery
from handoff_bus.sources.kinds.request import RawRequest
from tests.handoff_bus.kinds.deliveries_of_kinds import NOW, facts, flipped, is_proven, raw, read, sample, silence

# The published vectors of HubSpot's SDK (Apache-2.0): secret, bodies and signatures byte by byte.
SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
URL = "https://www.example.com/webhook_uri"
V1_BODY = (
    b'[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,'
    b'"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM",'
    b'"changeFlag":"NEW","appId":54321}]'
)
V1 = "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"
V2_GET = "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e"
V2_POST = "9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900"
POST_BODY = b'{"example_field":"example_value"}'
V3 = "rQEKkaNUiu+1qGF//O/pw4BCzstSqO1PyUnGICmf+7o="
V3_AT = datetime.fromtimestamp(1_700_000_000, UTC)


def _old(version: str, signature: str, body: bytes, **more: Any) -> RawRequest:
    headers = {"x-hubspot-signature": signature, "x-hubspot-signature-version": version}
    return raw(body, headers=headers, received_url=URL, **more)


def _v3(body: bytes = POST_BODY, signature: str = V3, **more: Any) -> RawRequest:
    headers = {"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": "1700000000000"}
    return raw(body, **{"headers": headers, "received_url": URL, "at": V3_AT, **more})


VECTORS = [_old("v1", V1, V1_BODY), _old("v2", V2_GET, b"", method="GET"), _old("v2", V2_POST, POST_BODY), _v3()]


@pytest.mark.parametrize("vector", VECTORS, ids=["v1", "v2-get", "v2-post", "v3"])
def test_published_vectors_verify(vector: RawRequest) -> None:
    assert is_proven(HUBSPOT, vector, SECRET)
    assert is_proven(HUBSPOT, vector, "an-older-secret", SECRET)
    assert not is_proven(HUBSPOT, vector, SECRET + "y")


@pytest.mark.parametrize("place", range(0, len(POST_BODY), 5))
def test_one_flipped_bit_is_refused(place: int) -> None:
    assert not is_proven(HUBSPOT, _old("v1", V1, flipped(V1_BODY, place)), SECRET)
    assert not is_proven(HUBSPOT, _old("v2", V2_POST, flipped(POST_BODY, place)), SECRET)
    assert not is_proven(HUBSPOT, _v3(flipped(POST_BODY, place)), SECRET)


def test_method_and_address_are_signed() -> None:
    assert not is_proven(HUBSPOT, _v3(method="PUT"), SECRET)
    assert not is_proven(HUBSPOT, _v3(received_url=URL + "?a=1"), SECRET)
    assert not is_proven(HUBSPOT, _v3(received_url=None), SECRET)
    assert not is_proven(HUBSPOT, _old("v2", V2_POST, b"", method="GET"), SECRET)


def test_version_three_is_stale_after_five_minutes() -> None:
    for seconds, fresh in ((300, True), (301, False), (-301, False)):
        assert is_proven(HUBSPOT, _v3(at=V3_AT + timedelta(seconds=seconds)), SECRET) is fresh
    with pytest.raises(StaleTimestamp):
        HUBSPOT.verify(_v3(at=NOW), [SECRET.encode()], HUBSPOT.settings())


def test_certain_escapes_of_the_address_are_decoded_before_signing() -> None:
    signed = b"POSThttps://a.example/v1/webhooks/h?to=a:b/c@d!e%201700000000000"
    signed = signed.replace(b"1700000000000", POST_BODY + b"1700000000000")
    signature = base64.b64encode(hmac.digest(SECRET.encode(), signed, hashlib.sha256)).decode()
    url = "https://a.example/v1/webhooks/h?to=a%3Ab%2fc%40d%21e%20"
    assert is_proven(HUBSPOT, _v3(signature=signature, received_url=url), SECRET)


def test_a_bad_version_three_is_not_rescued_by_an_old_one() -> None:
    headers = {**_v3(signature="AAAA").headers, **_old("v1", V1, V1_BODY).headers}
    assert not is_proven(HUBSPOT, raw(V1_BODY, headers=headers, received_url=URL), SECRET)


def test_old_versions_can_be_forbidden() -> None:
    assert not is_proven(HUBSPOT, VECTORS[0], SECRET, requires_v3=True)
    assert is_proven(HUBSPOT, _v3(), SECRET, requires_v3=True)
    assert not is_proven(HUBSPOT, _old("v9", V1, V1_BODY), SECRET)


TOKEN = {"api_token": "pat-1"}


def test_a_change_of_a_deal_has_no_words_in_the_bus() -> None:
    reading = read(HUBSPOT, sample("hubspot_deal_propertyChange_dealstage.json"))
    assert (silence(reading), reading.topic) == ("nothing_to_say", "deal.propertyChange")


def test_a_new_contact_is_asked_about() -> None:
    body = sample("hubspot_contact_creation.json")
    assert silence(read(HUBSPOT, body)) == "thin_event"
    (plan,) = read(HUBSPOT, body, TOKEN).fetches
    assert (plan.name, plan.headers) == ("contact:4501", {"authorization": "Bearer pat-1"})
    assert plan.url.startswith("https://api.hubapi.com/crm/v3/objects/contacts/4501?properties=firstname,")
    told = {
        "firstname": "Иван",
        "lastname": "Ли",
        "company": "Ромашка",
        "phone": "+74950000014",
        "email": "i@r.example",
    }
    answer = json.dumps({"id": "4501", "properties": {**told, "createdate": "2026-02-24T12:00:00.000Z"}}).encode()
    (lead,) = facts(read(HUBSPOT, body, TOKEN, {plan.name: answer}))
    assert lead["lead"] == {"system": "crm:crm", "value": "4501"}
    assert lead["company"] == {"name": "Ромашка"}
    assert lead["contacts"] == [{"name": "Иван Ли", "phone": "+74950000014", "email": "i@r.example"}]
    assert silence(read(HUBSPOT, body, TOKEN, {plan.name: None})) == "gone_at_source"


def _events(*events: dict[str, Any]) -> str:
    born = {"eventId": 1, "subscriptionId": 2, "portalId": 3, "subscriptionType": "contact.creation", "objectId": 4}
    return json.dumps([{**born, **event} for event in events])


def test_a_batch_asks_about_each_contact_once() -> None:
    batch = _events(*({"eventId": number, "objectId": number % 60} for number in range(100)))
    plans = read(HUBSPOT, batch, TOKEN).fetches
    assert len(plans) == len({plan.name for plan in plans}) == 60


def test_a_repeated_delivery_counts_its_attempts_and_is_the_same() -> None:
    one, two = (read(HUBSPOT, _events({"attemptNumber": attempt})) for attempt in (0, 3))
    assert (one.dedupe_key, one.content) == (two.dedupe_key, two.content)


def test_an_event_id_alone_is_not_unique() -> None:
    keys = {read(HUBSPOT, _events(more)).dedupe_key for more in ({}, {"subscriptionId": 9}, {"portalId": 9})}
    assert len(keys) == 3


def test_event_type_is_another_name_of_subscription_type() -> None:
    body = _events({}).replace("subscriptionType", "eventType")
    assert len(read(HUBSPOT, body, TOKEN).fetches) == 1


def test_another_portal_is_refused() -> None:
    assert read(HUBSPOT, _events({}), {"portal_id": 3}).topic
    with pytest.raises(UnreadableDelivery):
        read(HUBSPOT, _events({}), {"portal_id": 4})


@pytest.mark.parametrize("body", ["", "{}", "[]", "[1]", "[{}]", _events({"objectId": "../../oauth"})])
def test_what_hubspot_does_not_send(body: str) -> None:
    with pytest.raises(UnreadableDelivery):
        read(HUBSPOT, body, TOKEN)
