"""Aircall: the end of a call, its token, and what its lengths mean."""

import json
from typing import Any

import pytest

from handoff_bus.sources.kinds.kind import UnreadableDelivery
from handoff_bus.sources.kinds.registry import KINDS
from handoff_bus.sources.kinds.request import RawRequest
from tests.handoff_bus.sources.telephony.calls import call, calls, is_proven, read, request

TOKEN = "aircall-token-of-tests-0001"
ANNA = {"id": 90011, "direct_link": "https://api.example/v1/users/90011", "name": "Anna", "email": "anna@acme.example"}
BORIS = {
    "id": 90012,
    "direct_link": "https://api.example/v1/users/90012",
    "name": "Boris",
    "email": "boris@acme.example",
}
CALL: dict[str, Any] = {
    "id": 555000123,
    "direct_link": "https://api.example/v1/calls/555000123",
    "direction": "outbound",
    "status": "done",
    "missed_call_reason": None,
    "started_at": 1772791200,
    "answered_at": 1772791212,
    "ended_at": 1772791260,
    "duration": 60,
    "cost": "0.0",
    "voicemail": None,
    "recording": "https://s3.example/rec.mp3?Signature=abc",
    "asset": "https://assets.example/calls/555000123/recording",
    "raw_digits": "+49 1555 0001122",
    "user": ANNA,
    "number": {"id": 7, "digits": "+49 30 55501"},
    "archived": False,
    "teams": [],
    "comments": [],
    "tags": [],
}


def sent(event: str = "call.ended", token: str = TOKEN, **changes: Any) -> RawRequest:
    said = {"resource": "call", "event": event, "timestamp": 1772791290, "token": token, "data": CALL | changes}
    return request(json.dumps(said).encode(), media="application/json")


def test_talk_is_from_answer_to_end_not_the_duration_with_its_ringing() -> None:
    assert call("aircall", sent()) == {
        "call_id": "555000123",
        "direction": "out",
        "started_at": "2026-03-06T10:00:00Z",
        "duration_seconds": 48,
        "employee": {"system": "email", "value": "anna@acme.example"},
        "lead": {"system": "phone", "value": "4915550001122"},
        "recording_url": "https://assets.example/calls/555000123/recording",
    }


def test_a_missed_call_has_no_answer_and_no_seconds() -> None:
    missed = call("aircall", sent(direction="inbound", answered_at=None, missed_call_reason="agents_did_not_answer"))
    assert (missed["direction"], missed["duration_seconds"]) == ("in", 0)


def test_a_call_that_no_user_took_is_nobodys() -> None:
    said = {name: value for name, value in CALL.items() if name != "user"}
    body = {"resource": "call", "event": "call.ended", "timestamp": 1, "token": TOKEN, "data": said}
    assert not calls("aircall", request(json.dumps(body).encode(), media="application/json"))


def test_after_a_transfer_the_call_belongs_to_whom_it_was_handed() -> None:
    assert call("aircall", sent(transferred_by=ANNA, transferred_to=BORIS))["employee"]["value"] == "boris@acme.example"


def test_a_user_without_an_address_is_named_by_his_number_there() -> None:
    assert call("aircall", sent(user={"id": 90011}))["employee"] == {"system": "crm:pbx", "value": "90011"}


@pytest.mark.parametrize(
    "event", ["call.created", "call.answered", "call.hungup", "call.tagged", "call.voicemail_left", "call.transferred"]
)
def test_only_the_end_is_a_call_whatever_is_said_later(event: str) -> None:
    reading = read("aircall", sent(event))
    assert (reading.events, reading.dedupe_key) == ((), f"555000123:{event}:1772791290")


def test_the_end_said_twice_at_other_times_is_one_delivery() -> None:
    assert read("aircall", sent()).dedupe_key == "555000123:call.ended"


def test_the_token_is_compared_and_not_kept() -> None:
    kind = KINDS["aircall"]
    assert is_proven("aircall", sent(), "another-token-of-tests", TOKEN)
    for token in ("", TOKEN[:-1], TOKEN[:-1] + "2", TOKEN + " "):
        assert not is_proven("aircall", sent(token=token), TOKEN)
    for body in (b"", b"[]", b"\xff", b'{"token": 5}', b'{"token": null}'):
        assert not is_proven("aircall", request(body, media="application/json"), TOKEN)
    kept = kind.redact_body(sent().body)
    assert TOKEN.encode() not in kept
    assert call("aircall", request(kept, media="application/json")) == call("aircall", sent())


@pytest.mark.parametrize(
    "wrong",
    [
        {"direction": "up"},
        {"ended_at": None},
        {"answered_at": 1772791300},
        {"started_at": "now"},
        {"id": None},
        {"user": "Anna"},
        {"id": "\ud800"},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UnreadableDelivery):
        calls("aircall", sent(**wrong))


def test_a_token_written_with_escapes_is_not_kept_either() -> None:
    assert KINDS["aircall"].redact_body(b'{"token":"a\\u0062c\\/d","data":{}}') == b'{"token":"[redacted]","data":{}}'
