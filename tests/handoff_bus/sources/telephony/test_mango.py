"""Mango Office: summaries of calls, their signature, and what their numbers mean."""

import json
from typing import Any

import pytest

from handoff_bus.sources.kinds.kind import UnreadableDelivery
from handoff_bus.sources.kinds.request import RawRequest
from tests.handoff_bus.sources.telephony.calls import call, calls, flipped, form, is_proven, read, request

KEY, SALT = "k3yOfTheExchange", "gr0ve-salt-of-tests"
INCOMING: dict[str, Any] = {
    "entry_id": "MToxMDA0Mjo5OTE=",
    "call_direction": 1,
    "from": {"number": "79161110022"},
    "to": {"extension": "21", "number": "sip:petrova@vpbx400.example.ru"},
    "line_number": "74957770001",
    "create_time": 1772791200,
    "forward_time": 1772791203,
    "talk_time": 1772791210,
    "end_time": 1772791297,
    "entry_result": 1,
    "disconnect_reason": 1110,
}
# sha256sum of key + json + salt, by coreutils.
SIGN = "91a4bae81a0516e715f3d0e175f0549178ed45ae983d5f5a70b685786f8759b9"


def sent(said: dict[str, Any] | str, sign: str = "") -> RawRequest:
    text = said if isinstance(said, str) else json.dumps(said, separators=(",", ":"))
    return request(form({"vpbx_api_key": KEY, "sign": sign, "json": text}))


def test_an_answered_call_counts_from_the_answer_not_from_the_entry() -> None:
    assert call("mango", sent(INCOMING)) == {
        "call_id": "MToxMDA0Mjo5OTE=",
        "direction": "in",
        "started_at": "2026-03-06T10:00:00Z",
        "duration_seconds": 87,
        "employee": {"system": "extension", "value": "21"},
        "lead": {"system": "phone", "value": "79161110022"},
    }


def test_outgoing_is_the_employee_who_rang() -> None:
    said = INCOMING | {
        "call_direction": 2,
        "from": {"extension": "34", "number": "sip:orlov@vpbx400.example.ru"},
        "to": {"number": "79165550011"},
    }
    found = call("mango", sent(said))
    assert (found["direction"], found["employee"]["value"], found["lead"]["value"]) == ("out", "34", "79165550011")


def test_a_call_without_an_answer_has_no_seconds_whatever_its_result_says() -> None:
    for result in (0, 1):
        missed = call("mango", sent(INCOMING | {"talk_time": 0, "entry_result": result}))
        assert missed["duration_seconds"] == 0


def test_a_call_that_ended_in_the_menu_is_nobodys() -> None:
    reading = read("mango", sent(INCOMING | {"to": {}, "talk_time": 0}))
    assert (reading.events, reading.silence and reading.silence.reason) == ((), "nothing_to_say")


def test_a_caller_known_by_a_sip_name_only_is_no_number() -> None:
    said = INCOMING | {"from": {"number": "sip:user7@vpbx400.example.ru"}}
    assert call("mango", sent(said))["lead"]["value"] == "0"
    said = INCOMING | {"from": {"number": "sip:79161110022@trunk.example.ru"}}
    assert call("mango", sent(said))["lead"]["value"] == "79161110022"


def test_an_internal_call_belongs_to_who_rang() -> None:
    said = INCOMING | {"call_direction": 0, "from": {"extension": "21"}, "to": {"extension": "34"}}
    found = call("mango", sent(said))
    assert (found["direction"], found["employee"]["value"], found["lead"]["value"]) == ("internal", "21", "0")


@pytest.mark.parametrize("state", ["Appeared", "Connected", "Disconnected"])
def test_states_of_a_call_are_text_and_end_nothing(state: str) -> None:
    said = {"call_id": "MTo4:77:3", "entry_id": "MToxMDA0Mjo5OTE=", "timestamp": "1772791203", "seq": "2"}
    reading = read("mango", sent({**said, "location": "abonent", "call_state": state}))
    assert (reading.dedupe_key, reading.events) == ("call:MTo4:77:3:2", ())


def test_a_recording_is_no_second_call() -> None:
    said = {"recording_id": "r:9:77", "recording_state": "Completed", "seq": 2, "entry_id": "MToxMDA0Mjo5OTE="}
    reading = read("mango", sent(said))
    assert (reading.dedupe_key, reading.events) == ("recording:r:9:77:2", ())


def test_the_summary_as_the_manual_prints_it_is_not_json() -> None:
    with pytest.raises(UnreadableDelivery):
        calls("mango", sent('{"entry_id": "x", "from" {"number": "7"}}'))


@pytest.mark.parametrize(
    "wrong",
    [
        {"call_direction": 7},
        {"end_time": 1772791000},
        {"end_time": "soon"},
        {"create_time": None},
        {"create_time": 10**14},
        {"entry_id": None},
        {"to": "21"},
        {"to": {"extension": "2\x00"}},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UnreadableDelivery):
        calls("mango", sent(INCOMING | wrong))


def test_the_signature_of_key_json_and_salt() -> None:
    raw = sent(INCOMING, SIGN)
    assert is_proven("mango", raw, "another-salt-of-tests", SALT)
    assert is_proven("mango", raw, SALT, vpbx_api_key=KEY)
    assert not is_proven("mango", raw, SALT, vpbx_api_key="another")
    assert not is_proven("mango", raw, "another-salt-of-tests")


def test_one_flipped_byte_is_refused() -> None:
    body = sent(INCOMING, SIGN).body
    assert not any(is_proven("mango", request(flipped(body, at)), SALT) for at in range(len(body)))
    for broken in (b"", b"\xff", b"sign=%ff", form({"sign": SIGN})):
        assert not is_proven("mango", request(broken), SALT)
