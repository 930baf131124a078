"""Bitrix24: outgoing webhooks, events of applications, thin events and the end of a call."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from handoff_bus.sources.kinds.bitrix24.kind import BITRIX24
from handoff_bus.sources.kinds.kind import UnreadableDelivery
from tests.handoff_bus.kinds.deliveries_of_kinds import SAMPLES, facts, flipped, is_proven, raw, read, sample, silence

APPLICATION, WEBHOOK = "90ab12cd34ef56ab78cd90ef12ab34cd", "hook5token8of2the7portal4a1b2c3d"
API = {"api_url": "https://romashka.bitrix24.ru/rest/7/s3cret/"}
SILENT = sorted(
    path.name for path in SAMPLES.glob("bitrix24_*") if "call_end" not in path.name and "deal_add" not in path.name
)


@pytest.mark.parametrize("name", SILENT)
def test_samples_without_words_in_the_bus(name: str) -> None:
    reading = read(BITRIX24, sample(name))
    assert silence(reading) == "nothing_to_say"
    assert reading.topic in {"ONCRMDEALUPDATE", "ONCRMDEALMOVETOCATEGORY", "ONEXTERNALCALLSTART"}


@pytest.mark.parametrize("name", ["deal_add_application_event", "deal_add_outgoing_webhook"])
def test_a_new_deal_is_an_inbound_lead_only_where_the_settings_say_so(name: str) -> None:
    for body in (sample(f"bitrix24_{name}.form"), sample(f"bitrix24_{name}.json")):
        assert silence(read(BITRIX24, body)) == "nothing_to_say"
        assert silence(read(BITRIX24, body, {"inbound": ["deal"]})) == "thin_event"
        (plan,) = read(BITRIX24, body, {"inbound": ["deal"], **API}).fetches
        assert plan.name.startswith("deal:")
        assert plan.url == f"https://romashka.bitrix24.ru/rest/7/s3cret/crm.deal.get?id={plan.name[5:]}"


@pytest.mark.parametrize("form", ["form", "json"])
def test_a_missed_call_has_no_talk(form: str) -> None:
    (call,) = facts(read(BITRIX24, sample(f"bitrix24_voximplant_call_end.{form}")))
    assert call == {
        "type": "call.finished",
        "call_id": "externalCall.c3d1f08a92b74e6590aa11bb22cc33dd.1773239327",
        "direction": "out",
        "started_at": "2026-03-04T14:28:46Z",
        "duration_seconds": 0,
        "employee": {"system": "crm:crm", "value": "8756"},
        "lead": {"system": "phone", "value": "+74950000011"},
    }


def _call(**changes: str) -> str:
    data = {
        "CALL_ID": "c1",
        "CALL_TYPE": "2",
        "PHONE_NUMBER": "+74950000011",
        "PORTAL_USER_ID": "7",
        "CALL_DURATION": "61",
        "CALL_START_DATE": "2026-03-04T17:28:46+03:00",
        "CALL_FAILED_CODE": "200",
        **changes,
    }
    named = {f"data[{name}]": value for name, value in data.items()}
    return urlencode({"event": "ONVOXIMPLANTCALLEND", "ts": "1773239624", **named})


def test_only_code_200_is_talk_and_seconds_are_text() -> None:
    assert facts(read(BITRIX24, _call()))[0]["duration_seconds"] == 61
    assert facts(read(BITRIX24, _call(CALL_FAILED_CODE="304")))[0]["duration_seconds"] == 0


@pytest.mark.parametrize(("type_", "direction"), [("1", "out"), ("2", "in"), ("3", "in"), ("4", "out")])
def test_directions_of_calls(type_: str, direction: str) -> None:
    assert facts(read(BITRIX24, _call(CALL_TYPE=type_)))[0]["direction"] == direction


@pytest.mark.parametrize(
    "changes",
    [{"CALL_TYPE": "9"}, {"CALL_DURATION": "1.5"}, {"CALL_START_DATE": "2026-03-04T17:28:46"}],
)
def test_calls_that_cannot_be_read(changes: dict[str, str]) -> None:
    with pytest.raises(UnreadableDelivery):
        read(BITRIX24, _call(**changes))


NEW_LEAD = "event=ONCRMLEADADD&data[FIELDS][ID]=31&ts=1771934400&auth[member_id]=m1&auth[application_token]=t"


def test_a_thin_event_is_completed_by_what_the_portal_tells() -> None:
    (plan,) = read(BITRIX24, NEW_LEAD, API).fetches
    told: dict[str, Any] = {
        "ID": "31",
        "TITLE": "Заявка",
        "COMPANY_TITLE": "Ромашка",
        "NAME": "Ольга",
        "LAST_NAME": "Ким",
        "PHONE": [{"VALUE": "+74950000013", "VALUE_TYPE": "WORK"}],
        "EMAIL": [{"VALUE": "kim@romashka.example"}],
        "DATE_CREATE": "2026-02-24T15:00:00+03:00",
        "UTM_CAMPAIGN": "spring",
    }
    reading = read(BITRIX24, NEW_LEAD, API, {plan.name: json.dumps({"result": told}).encode()})
    assert reading.events[0].timestamp.isoformat() == "2026-02-24T12:00:00+00:00"
    (lead,) = facts(reading)
    assert lead["lead"] == {"system": "crm:crm", "value": "31"}
    assert lead["company"] == {"name": "Ромашка"}
    assert lead["contacts"] == [{"name": "Ольга Ким", "phone": "+74950000013", "email": "kim@romashka.example"}]
    assert lead["campaign"] == "spring"


@pytest.mark.parametrize("answer", [None, b'{"result": false}', b'{"error": "NOT_FOUND"}', b"[]"])
def test_a_lead_that_is_gone_says_nothing(answer: bytes | None) -> None:
    assert silence(read(BITRIX24, NEW_LEAD, API, {"lead:31": answer})) == "gone_at_source"


def test_without_an_api_a_thin_event_says_nothing() -> None:
    assert silence(read(BITRIX24, NEW_LEAD)) == "thin_event"


def test_the_dedupe_key_names_event_portal_thing_and_moment() -> None:
    keys = {
        read(BITRIX24, NEW_LEAD.replace(old, new)).dedupe_key
        for old, new in (("", ""), ("ADD", "UPDATE"), ("=31", "=32"), ("1771934400", "1771934401"), ("m1", "m2"))
    }
    assert len(keys) == 5


def test_a_call_is_the_same_whenever_it_is_sent() -> None:
    assert read(BITRIX24, _call()).dedupe_key == read(BITRIX24, _call() + "&ts=1773239999").dedupe_key


def test_another_portal_is_refused() -> None:
    assert read(BITRIX24, NEW_LEAD, {"member_id": "m1"}).topic == "ONCRMLEADADD"
    with pytest.raises(UnreadableDelivery):
        read(BITRIX24, NEW_LEAD, {"member_id": "m9"})


@pytest.mark.parametrize(
    ("name", "token"), [("deal_add_outgoing_webhook", WEBHOOK), ("deal_add_application_event", APPLICATION)]
)
def test_the_application_token_is_the_proof(name: str, token: str) -> None:
    for form in ("form", "json"):
        body = sample(f"bitrix24_{name}.{form}")
        assert is_proven(BITRIX24, raw(body), token)
        assert not is_proven(BITRIX24, raw(body), token + "1")
        assert not is_proven(BITRIX24, raw(flipped(body, body.index(token.encode()))), token)
    assert not is_proven(BITRIX24, raw(b"event=ONCRMLEADADD"), token)
    assert not is_proven(BITRIX24, raw(b'{"auth'), token)


def test_tokens_are_never_stored() -> None:
    for path in SAMPLES.glob("bitrix24_*"):
        body = path.read_bytes()
        kept = BITRIX24.redact_body(body)
        for token in (APPLICATION, WEBHOOK, "q1w8ertyuio3pa55dfghj76klzx90cvb", "7t611r2e5yu3gh44jklz58812w9xcvb3"):
            assert token.encode() not in kept
        assert read(BITRIX24, kept).topic == read(BITRIX24, body).topic


def test_a_robot_comes_without_oauth_tokens() -> None:
    assert read(BITRIX24, "event=ONCRMDEALUPDATE&data[FIELDS][ID]=4&ts=5&auth[application_token]=t").silence


@pytest.mark.parametrize("body", ["", "event=", "{}", "event=ONCRMLEADADD&data[FIELDS][ID]=1%2F..", "[1]"])
def test_what_bitrix24_does_not_send(body: str) -> None:
    with pytest.raises(UnreadableDelivery):
        read(BITRIX24, body, API)
