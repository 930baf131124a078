"""Whatever comes, a kind of telephony reads it, refuses it by name, or finds nothing in it; it never fails.

The long form for every kind is in `kinds/test_fuzzed_kinds.py`.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conveyor.kit.http.strict_json import text_error
from handoff_bus.sources.kinds.kind import BadSignature, StaleTimestamp, UnreadableDelivery
from handoff_bus.sources.kinds.read import read_delivery, storable_key, storable_topic
from handoff_bus.sources.kinds.registry import KINDS
from handoff_bus.sources.kinds.request import RawRequest
from tests.handoff_bus.sources.telephony import (
    test_aircall,
    test_bitrix24_telephony,
    test_mango,
    test_twilio,
    test_uis,
    test_zadarma,
)
from tests.handoff_bus.sources.telephony.calls import FORM, NOW, form
from tests.handoff_bus.sources.telephony.cdr import TRANSFERRED, table

EXAMPLES = 150
Json = dict[str, Any]

_odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["", "0", "-1", "9" * 30, "2026-02-30 25:00:00", "9999-12-31 23:59:59", "0001-01-01", "{{x}}", "\x00"]
    ),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


def _changed(sample: Json) -> st.SearchStrategy[Json]:
    """The sample with some fields odd or gone, and some strange ones."""
    changes = st.dictionaries(st.one_of(st.sampled_from(sorted(sample)), st.text(max_size=8)), _odd, max_size=4)
    gone = st.sets(st.sampled_from(sorted(sample)), max_size=2)
    return st.builds(lambda new, lost: {k: v for k, v in {**sample, **new}.items() if k not in lost}, changes, gone)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _form(sample: Json) -> bytes:
    return urlencode({name: _text(value) for name, value in sample.items()}, errors="surrogatepass").encode()


def _json(sample: Json) -> bytes:
    return json.dumps(sample).encode()


def _mango(sample: Json) -> bytes:
    return form({"vpbx_api_key": "k", "sign": "s", "json": json.dumps(sample)})


def _aircall(sample: Json) -> bytes:
    return _json({"resource": "call", "event": "call.ended", "timestamp": 1, "token": "t", "data": sample})


def _records(sample: Json) -> bytes:
    return table(*TRANSFERRED, {name: _text(value).replace("\x00", "?") for name, value in sample.items()})


SENT: dict[str, tuple[Json, Callable[[Json], bytes], str]] = {
    "mango": (test_mango.INCOMING, _mango, FORM),
    "uis": (test_uis.OUTGOING, _json, "application/json"),
    "zadarma": (dict(test_zadarma.INCOMING), _form, FORM),
    "asterisk": (dict(TRANSFERRED[0]), _records, "text/csv"),
    "twilio": (dict(test_twilio.OUTGOING), _form, FORM),
    "aircall": (test_aircall.CALL, _aircall, "application/json"),
    "bitrix24_telephony": (dict(test_bitrix24_telephony.ENDED), _form, FORM),
}


def deliveries(kind: str) -> st.SearchStrategy[RawRequest]:
    """Deliveries to this kind: changed samples, cut ones, and noise."""
    sample, write, media = SENT[kind]
    changed = _changed(sample).map(write)
    cut = st.builds(lambda body, at: body[: at % (len(body) + 1)], changed, st.integers(0, 5000))
    headers = st.dictionaries(
        st.sampled_from(["signature", "x-twilio-signature", "webhook-id", "webhook-timestamp", "webhook-signature"]),
        st.text(st.characters(max_codepoint=255), max_size=30),
        max_size=4,
    )
    return st.builds(
        lambda body, media, named, query: RawRequest(
            headers={**named, "content-type": media},
            body=body,
            at=NOW,
            query=query,
            source="pbx",
            received_url=f"https://h/x?{query}",
        ),
        st.one_of(changed, cut, st.binary(max_size=300)),
        st.sampled_from([media, media, "application/json", FORM, ""]),
        headers,
        st.one_of(st.just(""), st.text(st.characters(max_codepoint=255), max_size=40)),
    )


@pytest.mark.parametrize("kind", sorted(SENT))
def test_no_delivery_makes_a_kind_fail(kind: str) -> None:
    source = KINDS[kind]
    chosen, keys = source.settings(), [b"k" * 32]

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(deliveries(kind))
    def one(raw: RawRequest) -> None:
        try:
            source.verify(raw, keys, chosen)
            pytest.fail("nobody signed this")
        except (BadSignature, StaleTimestamp):
            pass
        source.greet(raw, chosen)
        source.redact_body(raw.body)
        try:
            reading = read_delivery(source, raw, chosen)
        except UnreadableDelivery:
            return
        assert text_error(storable_key(reading.dedupe_key)) is None
        assert text_error(storable_topic(reading.type)) is None
        assert bool(reading.events) != (reading.silence is not None)
        for event in reading.events:
            event.model_dump_json().encode()
            assert read_delivery(source, raw, chosen) == reading

    one()
