"""Bitrix24 telephony: the end of a call of the portal or of an outside exchange."""

from typing import Any

import pytest

from handoff_bus.sources.kinds.kind import UnreadableDelivery
from handoff_bus.sources.kinds.registry import KINDS
from handoff_bus.sources.kinds.request import RawRequest
from tests.handoff_bus.sources.telephony.calls import call, calls, form, is_proven, read, request

TOKEN = "application-token-of-tests"
MEMBER = "5d1f0000000000000000000000000077"
ENDED = {
    "event": "ONVOXIMPLANTCALLEND",
    "event_handler_id": "311",
    "data[CALL_ID]": "externalCall.0a1b2c.1772791200",
    "data[CALL_TYPE]": "1",
    "data[PHONE_NUMBER]": "+79165550013",
    "data[PORTAL_NUMBER]": "REST_APP:12",
    "data[PORTAL_USER_ID]": "405",
    "data[CALL_DURATION]": "42",
    "data[CALL_START_DATE]": "2026-03-06T13:00:00+03:00",
    "data[COST]": "0",
    "data[COST_CURRENCY]": "",
    "data[CALL_FAILED_CODE]": "200",
    "data[CALL_FAILED_REASON]": "Success call",
    "data[CRM_ACTIVITY_ID]": "8812",
    "ts": "1772791300",
    "auth[access_token]": "access-of-a-user",
    "auth[refresh_token]": "refresh-of-a-user",
    "auth[domain]": "acme.bitrix24.example",
    "auth[member_id]": MEMBER,
    "auth[application_token]": TOKEN,
}


def sent(**changes: str) -> RawRequest:
    return request(form(ENDED | {name.replace("__", "[") + "]": value for name, value in changes.items()}))


def test_an_answered_call() -> None:
    assert call("bitrix24_telephony", sent()) == {
        "call_id": "externalCall.0a1b2c.1772791200",
        "direction": "out",
        "started_at": "2026-03-06T10:00:00Z",
        "duration_seconds": 42,
        "employee": {"system": "crm:pbx", "value": "405"},
        "lead": {"system": "phone", "value": "79165550013"},
    }


def test_a_failed_call_has_no_seconds_and_304_is_a_missed_one() -> None:
    for code in ("304", "603", "486"):
        assert call("bitrix24_telephony", sent(data__CALL_FAILED_CODE=code))["duration_seconds"] == 0


@pytest.mark.parametrize(("kind", "direction"), [("1", "out"), ("2", "in"), ("3", "in"), ("4", "out")])
def test_directions(kind: str, direction: str) -> None:
    assert call("bitrix24_telephony", sent(data__CALL_TYPE=kind))["direction"] == direction


def test_the_start_of_an_outside_call_and_calls_of_nobody_say_nothing() -> None:
    start = request(form({"event": "ONEXTERNALCALLSTART", "data[CALL_ID]": "externalCall.77", "ts": "1772791200"}))
    assert read("bitrix24_telephony", start).silence is not None
    assert not calls("bitrix24_telephony", sent(data__PORTAL_USER_ID="0"))


def test_two_handlers_of_one_portal_say_one_call() -> None:
    other = request(form(ENDED | {"event_handler_id": "312", "ts": "1772791301", "auth[access_token]": "new"}))
    first, second = read("bitrix24_telephony", sent()), read("bitrix24_telephony", other)
    assert (first.dedupe_key, first.content) == (second.dedupe_key, second.content)
    changed = read("bitrix24_telephony", sent(data__CALL_DURATION="4200"))
    assert changed.content != first.content


def test_the_token_is_compared() -> None:
    assert is_proven("bitrix24_telephony", sent(), TOKEN)
    assert is_proven("bitrix24_telephony", sent(), TOKEN, member_id=MEMBER)
    assert not is_proven("bitrix24_telephony", sent(), TOKEN, member_id="another")
    assert not is_proven("bitrix24_telephony", sent(), TOKEN[:-1] + "z")
    assert not is_proven("bitrix24_telephony", request(b"\xff"), TOKEN)


def test_no_token_is_kept() -> None:
    kept = KINDS["bitrix24_telephony"].redact_body(sent().body)
    for secret in (TOKEN, "access-of-a-user", "refresh-of-a-user"):
        assert secret.encode() not in kept
    assert call("bitrix24_telephony", request(kept)) == call("bitrix24_telephony", sent())
    bare = b"auth[access_token]=a&auth[domain]=d&x=1"
    assert KINDS["bitrix24_telephony"].redact_body(bare) == b"auth[access_token]=[redacted]&auth[domain]=d&x=1"


@pytest.mark.parametrize(
    "wrong",
    [
        {"data__CALL_TYPE": "9"},
        {"data__CALL_DURATION": "-1"},
        {"data__CALL_START_DATE": "2026-03-06T13:00:00"},
        {"data__CALL_FAILED_CODE": ""},
        {"data__CALL_ID": ""},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UnreadableDelivery):
        calls("bitrix24_telephony", sent(**wrong))
