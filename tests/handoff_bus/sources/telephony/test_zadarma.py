"""Zadarma: ends of calls, the echo, and a signature that covers little."""

from typing import Any

import pytest

from handoff_bus.sources.kinds.kind import UnreadableDelivery
from handoff_bus.sources.kinds.registry import KINDS
from handoff_bus.sources.kinds.request import RawRequest
from tests.handoff_bus.sources.telephony.calls import call, calls, flipped, form, is_proven, read, request

SECRET = "zadarma-secret-of-tests"
INCOMING = {
    "event": "NOTIFY_END",
    "call_start": "2026-03-06 15:00:00",
    "pbx_call_id": "in_7f3e0c19d5",
    "caller_id": "996700555001",
    "called_did": "1996555310022",
    "internal": "103",
    "duration": "71",
    "disposition": "answered",
    "status_code": "16",
    "is_recorded": "1",
    "call_id_with_rec": "1772791200.4417",
}
OUTGOING = {
    "event": "NOTIFY_OUT_END",
    "call_start": "2026-03-06 15:20:00",
    "pbx_call_id": "out_2a9914",
    "internal": "217",
    "destination": "99001122334",
    "duration": "33",
    "disposition": "answered",
}
RECORDED = {"event": "NOTIFY_RECORD", "pbx_call_id": "in_7f3e0c19d5", "call_id_with_rec": "1772791200.4417"}
# By openssl and base64 over the *hex* digest.
SIGNATURES = {
    "NOTIFY_END": "YzY5YWYxNGI0M2IwM2ZiZDVlNTA2OTViYTM4NjM3NDEwYTczMmM4Nw==",
    "NOTIFY_OUT_END": "MzQ5ZTgxMzhkOWIzMTc1YTJlYjk0OGVjNmMwMDY3ZmNiOGExODFhOQ==",
    "NOTIFY_RECORD": "OWQ5YjE0YjVhYjM4Y2Y0NDY1OWQ0YzYzMzQ5MDhlN2FhNGY5NzYyMw==",
}


def sent(said: dict[str, str], **headers: str) -> RawRequest:
    return request(form(said), **headers)


def test_an_incoming_call_in_the_time_of_the_cabinet() -> None:
    assert call("zadarma", sent(INCOMING), zone="Asia/Bishkek") == {
        "call_id": "in_7f3e0c19d5",
        "direction": "in",
        "started_at": "2026-03-06T09:00:00Z",
        "duration_seconds": 71,
        "employee": {"system": "extension", "value": "103"},
        "lead": {"system": "phone", "value": "996700555001"},
    }


def test_an_outgoing_call_is_with_its_destination() -> None:
    found = call("zadarma", sent(OUTGOING))
    assert (found["direction"], found["employee"]["value"], found["lead"]["value"]) == ("out", "217", "99001122334")


@pytest.mark.parametrize("disposition", ["busy", "cancel", "no answer", "failed", "no money", "unallocated number"])
def test_only_an_answered_call_has_seconds(disposition: str) -> None:
    assert call("zadarma", sent(INCOMING | {"disposition": disposition}))["duration_seconds"] == 0


def test_after_a_transfer_the_call_belongs_to_the_last_extension() -> None:
    assert call("zadarma", sent(INCOMING | {"last_internal": "104"}))["employee"]["value"] == "104"


def test_a_recording_that_comes_later_is_no_second_call() -> None:
    reading = read("zadarma", sent(RECORDED))
    assert (reading.dedupe_key, reading.events) == ("in_7f3e0c19d5:NOTIFY_RECORD", ())
    assert read("zadarma", sent(INCOMING)).dedupe_key == "in_7f3e0c19d5:NOTIFY_END"


def test_a_call_that_no_extension_took_is_nobodys() -> None:
    assert not calls("zadarma", sent(INCOMING | {"internal": "", "disposition": "no answer", "duration": "0"}))


@pytest.mark.parametrize("said", [INCOMING, OUTGOING, RECORDED])
def test_signatures(said: dict[str, str]) -> None:
    raw = sent(said, signature=SIGNATURES[said["event"]])
    assert is_proven("zadarma", raw, "another-secret-of-tests", SECRET)
    assert not is_proven("zadarma", raw, "another-secret-of-tests")
    assert not is_proven("zadarma", sent(said), SECRET)


def test_one_flipped_byte_of_what_is_signed_is_refused() -> None:
    for name in ("event", "caller_id", "called_did", "call_start"):
        value = INCOMING[name].encode()
        for at in range(len(value)):
            changed = INCOMING | {name: flipped(value, at).decode()}
            assert not is_proven("zadarma", sent(changed, signature=SIGNATURES["NOTIFY_END"]), SECRET)
    signature = SIGNATURES["NOTIFY_END"].encode()
    for at in range(len(signature)):
        assert not is_proven("zadarma", sent(INCOMING, signature=flipped(signature, at).decode("latin-1")), SECRET)


def test_length_and_outcome_are_not_signed_so_it_is_trusted_as_a_token_is() -> None:
    changed = sent(INCOMING | {"duration": "7000"}, signature=SIGNATURES["NOTIFY_END"])
    assert is_proven("zadarma", changed, SECRET)
    assert KINDS["zadarma"].trust(KINDS["zadarma"].settings()) == "token"


def test_the_address_is_checked_by_an_echo() -> None:
    kind, settings = KINDS["zadarma"], KINDS["zadarma"].settings()
    answer = kind.greet(request(method="GET", query="zd_echo=a%20b42"), settings)
    assert answer is not None
    assert (answer.status, answer.body, answer.media_type) == (200, b"a b42", "text/plain")
    for query in ("", "echo=1", "zd_echo=" + "x" * 300, "&".join(["a=1"] * 200)):
        assert kind.greet(request(method="GET", query=query), settings) is None
    assert kind.greet(request(query="zd_echo=1"), settings) is None


@pytest.mark.parametrize(
    "wrong", [{"duration": "-1"}, {"duration": ""}, {"call_start": "15:00"}, {"pbx_call_id": ""}, {"internal": "1\x00"}]
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UnreadableDelivery):
        calls("zadarma", sent(INCOMING | wrong))
