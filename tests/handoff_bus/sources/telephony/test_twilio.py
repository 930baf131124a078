"""Twilio: status callbacks, signed over the address and every parameter."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from handoff_bus.sources.kinds.kind import UnreadableDelivery
from handoff_bus.sources.kinds.request import RawRequest
from tests.handoff_bus.sources.telephony.calls import call, calls, flipped, form, is_proven, read, request

TOKEN = "0f0e0d0c0b0a09080706050403020100"
URL = "https://hooks.example.com/v1/webhooks/pbx"
OUTGOING = {
    "Called": "+4915550001122",
    "ToState": "",
    "CallerCountry": "DE",
    "Direction": "outbound-api",
    "Timestamp": "Fri, 06 Mar 2026 10:05:30 +0000",
    "CallbackSource": "call-progress-events",
    "SequenceNumber": "3",
    "To": "+4915550001122",
    "CallSid": "CAfeed0000000000000000000000000042",
    "CallStatus": "completed",
    "Duration": "2",
    "From": "sip:205@acme.sip.example.com",
    "CallDuration": "90",
    "AccountSid": "ACfeed0000000000000000000000000001",
    "CalledCity": "Köln",
}
# The validator's own vectors as published with the SDK, which is under the MIT licence.
SDK_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
SDK_PARAMS: dict[str, Any] = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}


def signature(url: str, said: dict[str, str]) -> str:
    joined = url + "".join(f"{name}{said[name]}" for name in sorted(said))
    return base64.b64encode(hmac.new(TOKEN.encode(), joined.encode(), hashlib.sha1).digest()).decode()


def sent(said: dict[str, str], url: str = URL) -> RawRequest:
    return request(form(said), url=url, x_twilio_signature=signature(url, said))


def test_call_duration_is_seconds_and_duration_is_billed_minutes() -> None:
    assert call("twilio", sent(OUTGOING)) == {
        "call_id": "CAfeed0000000000000000000000000042",
        "direction": "out",
        "started_at": "2026-03-06T10:04:00Z",
        "duration_seconds": 90,
        "employee": {"system": "extension", "value": "205"},
        "lead": {"system": "phone", "value": "4915550001122"},
    }


@pytest.mark.parametrize(
    ("ours", "extension"),
    [("client:anna", "anna"), ("sip:205@a.sip.example.com;transport=tls", "205"), ("+493055501", "+493055501")],
)
def test_the_employee_is_whoever_stands_on_our_side(ours: str, extension: str) -> None:
    incoming = OUTGOING | {"Direction": "inbound", "From": "+4915550001122", "To": ours}
    found = call("twilio", sent(incoming))
    assert (found["direction"], found["employee"]["value"]) == ("in", extension)
    assert found["lead"]["value"] == "4915550001122"


def test_the_signed_address_may_name_the_extension() -> None:
    raw = request(form(OUTGOING), query="extension=31", url=f"{URL}?extension=31")
    assert call("twilio", raw)["employee"]["value"] == "31"


def test_missed_calls_have_no_seconds_and_others_go_on() -> None:
    for status in ("busy", "no-answer", "failed", "canceled"):
        assert call("twilio", sent(OUTGOING | {"CallStatus": status}))["duration_seconds"] == 0
    for status in ("initiated", "ringing", "in-progress"):
        assert not calls("twilio", sent(OUTGOING | {"CallStatus": status}))


def test_a_recording_that_comes_later_is_no_second_call() -> None:
    said = {
        "CallSid": OUTGOING["CallSid"],
        "RecordingSid": "RE1",
        "RecordingStatus": "completed",
        "CallStatus": "completed",
    }
    assert not calls("twilio", sent(said))


def test_a_withheld_number_is_none() -> None:
    for number in ("+266696687", "anonymous", ""):
        incoming = OUTGOING | {"Direction": "inbound", "From": number, "To": "client:anna"}
        assert call("twilio", sent(incoming))["lead"]["value"] == "0"


def test_the_key_is_call_and_sequence_or_status() -> None:
    assert read("twilio", sent(OUTGOING)).dedupe_key == "CAfeed0000000000000000000000000042:3"
    assert read("twilio", sent(OUTGOING | {"SequenceNumber": ""})).dedupe_key.endswith(":completed")


@pytest.mark.parametrize(
    ("url", "params", "said"),
    [
        (SDK_URL, SDK_PARAMS, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("https://mycompany.com:443/myapp.php?foo=1&bar=2", SDK_PARAMS, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        (
            SDK_URL,
            {"Sid": "CA123", "SidAccount": "AC123", "Digits": ["5678", "1234", "1234"]},
            "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
        ),
    ],
)
def test_published_signatures(url: str, params: dict[str, Any], said: str) -> None:
    body = form(params)
    for spelled in (url, url.replace(":443", "")):
        assert is_proven("twilio", request(body, url=spelled, x_twilio_signature=said), "12345")
    assert not is_proven("twilio", request(body, url=url + "&x=1", x_twilio_signature=said), "12345")
    assert not any(
        is_proven("twilio", request(flipped(body, at), url=url, x_twilio_signature=said), "12345")
        for at in range(len(body))
    )


def test_a_json_body_is_signed_by_its_hash_in_the_address() -> None:
    body = json.dumps({"property": "value", "boolean": True}).encode()
    url = f"{SDK_URL}&bodySHA256={hashlib.sha256(body).hexdigest()}"
    raw = request(body, media="application/json", url=url, x_twilio_signature="a9nBmqA0ju/hNViExpshrM61xv4=")
    assert is_proven("twilio", raw, "12345")
    changed = request(body + b" ", media="application/json", url=url, x_twilio_signature="a9nBmqA0ju/hNViExpshrM61xv4=")
    assert not is_proven("twilio", changed, "12345")


def test_a_new_parameter_is_signed_too() -> None:
    told = OUTGOING | {"SomethingNew": "1"}
    assert is_proven("twilio", sent(told), TOKEN)
    smuggled = request(form(told), url=URL, x_twilio_signature=signature(URL, OUTGOING))
    assert not is_proven("twilio", smuggled, TOKEN)


def test_another_account_or_no_address_is_refused() -> None:
    assert is_proven("twilio", sent(OUTGOING), TOKEN, account_sid=OUTGOING["AccountSid"])
    assert not is_proven("twilio", sent(OUTGOING), TOKEN, account_sid="ACfeed0000000000000000000000000009")
    assert not is_proven("twilio", request(form(OUTGOING), x_twilio_signature=signature(URL, OUTGOING)), TOKEN)
    for url in ("https://[", "https://a:b/", "https://h/?" + "&".join(["a=1"] * 200)):
        assert not is_proven("twilio", request(form(OUTGOING), url=url, x_twilio_signature="x"), TOKEN)


@pytest.mark.parametrize(
    "wrong",
    [
        {"CallDuration": "long"},
        {"CallDuration": "9" * 12},
        {"Timestamp": ""},
        {"Timestamp": "Someday, 99 Foo 2026"},
        {"Direction": ""},
        {"CallSid": "CA 1"},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(UnreadableDelivery):
        calls("twilio", sent(OUTGOING | wrong))
