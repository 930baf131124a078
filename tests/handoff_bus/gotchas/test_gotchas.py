"""Every known oddity of every kind has a test of its own; those that have no better place are here."""

import json
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

import pytest

from handoff_bus.sources.kinds.registry import KINDS
from tests.handoff_bus.gotchas.known_gotchas import GOTCHAS
from tests.handoff_bus.kinds.deliveries_of_kinds import facts, is_proven, raw, read, sample, silence
from tests.handoff_bus.payments.provider_notices import SECRET, robokassa, tbank
from tests.handoff_bus.sources.telephony import test_aircall, test_zadarma
from tests.handoff_bus.sources.telephony.calls import FORM, call, form, request


def _is_there(place: str) -> bool:
    module, _, test = place.partition(":")
    return callable(getattr(import_module(f"tests.handoff_bus.{module}"), test, None))


def test_every_kind_has_its_gotchas_and_each_of_them_its_test() -> None:
    assert GOTCHAS.keys() == KINDS.keys()
    places = [place for gotchas in GOTCHAS.values() for place in gotchas.values()]
    assert [place for place in places if not _is_there(place)] == []


@pytest.mark.parametrize("place", ["kinds.test_hubspot_kind:test_nothing", "kinds.test_hubspot_kind:NOW_AND_THEN"])
def test_a_test_that_is_gone_is_missed(place: str) -> None:
    assert not _is_there(place)


def test_amocrm_spells_attachement_and_nests_notes_twice() -> None:
    body = json.loads(sample("amocrm_kommo_lead_note_text.json"))
    (item,) = body["leads"]["note"]
    assert "attachement" in item["note"]
    item["note"] |= {"note_type": "11", "text": json.dumps({"UNIQ": "u-9", "DURATION": "31", "PHONE": "+74950000009"})}
    (found,) = facts(read(KINDS["amocrm"], json.dumps(body)))
    assert (found["call_id"], found["direction"], found["duration_seconds"]) == ("u-9", "out", 31)


@pytest.mark.parametrize("value", ["closedwon", "4500", "true", ""])
def test_hubspot_writes_every_property_as_text(value: str) -> None:
    body = json.loads(sample("hubspot_deal_propertyChange_dealstage.json"))
    for event in body:
        event["propertyValue"] = value
    assert silence(read(KINDS["hubspot"], json.dumps(body))) == "nothing_to_say"


def test_pipedrive_previous_holds_what_changed_and_custom_fields_are_objects() -> None:
    meta = {"action": "create", "entity": "deal", "entity_id": 31, "id": "u-1", "webhook_id": 9, "version": "2.0"}
    fields = {"9f1c": {"type": "monetary", "value": 10.5, "currency": "EUR"}, "77ab": None}
    data = {"id": 31, "title": "Romashka", "add_time": "2026-03-01T10:00:00Z", "custom_fields": fields}
    for previous in (None, {}, {"custom_fields": {"9f1c": None}}):
        body = json.dumps({"meta": {**meta, "timestamp": 1772791200}, "data": data, "previous": previous})
        (found,) = facts(read(KINDS["pipedrive"], body, {"inbound": ["deal"]}))
        assert (found["lead"], found["company"]["name"]) == ({"system": "crm:crm", "value": "deal:31"}, "Romashka")


@pytest.mark.parametrize(
    "outcome", ["busy", "cancel", "no answer", "failed", "no money", "unallocated number", "no limit", "no day limit"]
)
def test_zadarma_has_many_outcomes_and_one_of_them_is_talk(outcome: str) -> None:
    said = request(form({**test_zadarma.INCOMING, "disposition": outcome}))
    assert call("zadarma", said)["duration_seconds"] == 0
    assert call("zadarma", request(form(test_zadarma.INCOMING)))["duration_seconds"] == 71


def test_aircall_media_that_expire_are_not_kept() -> None:
    told = {**test_aircall.CALL, "recording": "https://s3.example/a.mp3?X-Amz-Expires=600", "asset": None}
    body: dict[str, Any] = {"resource": "call", "event": "call.ended", "timestamp": 1, "token": "t", "data": told}
    found = call("aircall", request(json.dumps(body).encode(), media="application/json"))
    assert "recording_url" not in found


def test_tbank_a_linked_card_comes_to_the_same_address() -> None:
    body = tbank("COMPLETED", OrderId=None, Amount=None, NotificationType="LINKCARD", CustomerKey="c-1", RequestId=9)
    reading = read(KINDS["tbank"], raw(body))
    assert silence(reading) == "nothing_to_say"
    assert is_proven(KINDS["tbank"], raw(body), SECRET)


def test_robokassa_the_success_page_proves_nothing() -> None:
    # The page that the buyer is sent to is signed with another password.
    page = robokassa(secret="password-one")
    headers = {"content-type": FORM}
    assert not is_proven(KINDS["robokassa"], raw(page, headers=headers), SECRET)
    assert is_proven(KINDS["robokassa"], raw(robokassa(), headers=headers), SECRET)
    unsigned = urlencode({"OutSum": "4500.00", "InvId": "20517"})
    assert not is_proven(KINDS["robokassa"], raw(unsigned, headers=headers), SECRET)
