"""UIS, CoMagic, CallGear: whatever the customer's template makes of a call."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from handoff_bus.sources.kinds.kind import UnreadableDelivery
from handoff_bus.sources.kinds.registry import KINDS
from handoff_bus.sources.kinds.request import RawRequest
from tests.handoff_bus.sources.telephony.calls import call, calls, is_proven, read, request

TOKEN = "template-token-of-tests"
OUTGOING: dict[str, Any] = {
    "notification_name": "Разговор окончен",
    "notification_mnemonic": "call_finished",
    "virtual_phone_number": "74957770002",
    "notification_time": "2026-03-06 18:12:40.118",
    "external_id": None,
    "contact_phone_number": "79165550012",
    "communication_number": 3,
    "employee_full_name": "Орлов Пётр",
    "employee_id": 51207,
    "call_source": "va",
    "direction": "out",
    "call_session_id": 700411926,
    "scenario_name": None,
    "talk_time_duration": 64,
    "total_time_duration": 90,
    "wait_time_duration": 26,
    "tag_names": None,
}


def sent(said: dict[str, Any], **how: Any) -> RawRequest:
    return request(json.dumps(said).encode(), media="application/json", **how)


def test_an_answered_call_is_its_talk_and_began_when_it_rang() -> None:
    assert call("uis", sent(OUTGOING)) == {
        "call_id": "700411926",
        "direction": "out",
        "started_at": "2026-03-06T15:11:10.118000Z",
        "duration_seconds": 64,
        "employee": {"system": "crm:pbx", "value": "51207"},
        "lead": {"system": "phone", "value": "79165550012"},
    }


def test_local_times_are_those_of_the_cabinet() -> None:
    found = call("uis", sent(OUTGOING | {"start_time": "2026-03-06 18:11:05"}), zone="Asia/Yekaterinburg")
    assert found["started_at"] == "2026-03-06T13:11:05Z"


def test_after_a_transfer_the_call_belongs_to_whoever_talked_last() -> None:
    said = OUTGOING | {"is_transfer": True, "last_talked_employee_id": 51299}
    assert call("uis", sent(said))["employee"] == {"system": "crm:pbx", "value": "51299"}


@pytest.mark.parametrize("blank", [None, "", "null", "{{last_talked_employee_id}}"])
def test_unknown_variables_are_null_blank_or_unreplaced(blank: str | None) -> None:
    said = OUTGOING | {"last_talked_employee_id": blank, "start_time": blank, "talk_time_duration": blank}
    found = call("uis", sent(said))
    assert (found["employee"]["value"], found["duration_seconds"]) == ("51207", 0)


def test_every_value_may_come_as_text() -> None:
    said = {name: None if value is None else str(value) for name, value in OUTGOING.items()}
    assert call("uis", sent(said)) == call("uis", sent(OUTGOING))


def test_a_call_nobody_took_and_other_notifications_are_nobodys() -> None:
    assert not calls("uis", sent(OUTGOING | {"employee_id": None}))
    for mnemonic in ("call_start", "call_recorded", "{{notification_mnemonic}}"):
        reading = read("uis", sent(OUTGOING | {"notification_mnemonic": mnemonic}))
        assert reading.silence is not None


def test_the_key_is_session_and_notification() -> None:
    assert read("uis", sent(OUTGOING)).dedupe_key == "700411926:call_finished"


def test_by_get_the_query_says_it_and_the_token_may_change() -> None:
    said = {name: str(value) for name, value in OUTGOING.items() if value is not None}
    first = request(method="GET", query=urlencode({**said, "token": TOKEN}), media="")
    second = request(method="GET", query=urlencode({"token": "changed", **said}), media="")
    assert call("uis", first) == call("uis", sent(OUTGOING))
    assert read("uis", first).content == read("uis", second).content
    assert is_proven("uis", first, TOKEN)


def test_the_token_comes_in_the_address_a_header_or_the_body() -> None:
    for proof in (
        sent(OUTGOING, query=f"token={TOKEN}"),
        sent(OUTGOING, x_conveyor_token=TOKEN),
        sent(OUTGOING | {"token": TOKEN}),
    ):
        assert is_proven("uis", proof, TOKEN)
        assert not is_proven("uis", proof, TOKEN[:-1] + "z")
    assert not is_proven("uis", sent(OUTGOING), TOKEN)
    assert not is_proven("uis", request(b"\xff", media="application/json", query="token="), TOKEN)


@pytest.mark.parametrize(
    "wrong",
    [
        {"direction": "sideways"},
        {"call_session_id": None},
        {"talk_time_duration": -5},
        {"talk_time_duration": 1.5},
        {"notification_time": "yesterday"},
        {"notification_time": None},
        {"total_time_duration": 10**9},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UnreadableDelivery):
        calls("uis", sent(OUTGOING | wrong))


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b'{"token": "t0k\\u0065n-of-the-template", "a": 1}', b'{"token": "[redacted]", "a": 1}'),
        (b'{"a":"b","token":"x\\"y","c":2}', b'{"a":"b","token":"[redacted]","c":2}'),
        (b"token=t0ken&a=1", b"token=[redacted]&a=1"),
        (b"a=1&token=t0ken", b"a=1&token=[redacted]"),
        (b"a=1&mytoken=t0ken", b"a=1&mytoken=t0ken"),
    ],
)
def test_a_token_in_the_body_is_not_kept(body: bytes, kept: bytes) -> None:
    assert KINDS["uis"].redact_body(body) == kept
