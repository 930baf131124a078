"""Whatever comes, a kind reads it or refuses it: no other exception, nothing that could not be stored, memory bounded.

Hypothesis draws seeds, each of which is a crowd of deliveries. CI plays 500 deliveries of each kind, `make fuzz` plays
100,000 (`n=` says otherwise, `k=mango` is one kind).
"""

import os
import resource
import tracemalloc
from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bench.senders.every_kind import SENDERS
from conveyor.kit.http.strict_json import text_error
from conveyor.kit.refusals import Refusal
from handoff_bus.sources.kinds.kind import SourceKind, UnreadableDelivery
from handoff_bus.sources.kinds.read import read_delivery, storable_key, storable_topic
from handoff_bus.sources.kinds.registry import KINDS
from handoff_bus.sources.kinds.request import RawRequest
from tests.handoff_bus.kinds.deliveries_of_kinds import NOW
from tests.handoff_bus.kinds.noise import URL, Noise, order_one

SETTINGS: dict[str, dict[str, Any]] = {
    "mapped": {
        "items": "a",
        "test": "t",
        "dedupe": ["b"],
        "rules": [
            {
                "type": "payment.received",
                "fields": {
                    "payment_id": {"path": "id"},
                    "paid_at": {"path": "ts", "form": "unix"},
                    "amount.amount": {"path": "sum", "form": "major"},
                    "amount.currency": {"path": "cur"},
                    "lead.system": {"value": "phone"},
                    "lead.value": {"path": "phone"},
                },
            }
        ],
    },
    "bitrix24": {"api_url": "https://p.example/rest/1/x/", "inbound": ["lead", "deal"]},
    "hubspot": {"api_token": "t"},
    "pipedrive": {"inbound": ["lead", "deal"]},
    "yookassa": {"shop_id": "1"},
}
MEDIA_OF = {name: order_one(sender).headers["content-type"] for name, sender in SENDERS.items()}
BODY_BYTES_MAX = 256 * 1024
PEAK_BYTES_MAX = 48 * 1024 * 1024
GROWN_MIB_MAX = 100
AT_ONCE = 50
DELIVERIES = int(os.environ.get("CONVEYOR_FUZZED_DELIVERIES", "100000"))


def secret_of(kind: SourceKind[Any]) -> str:
    """A secret that this kind takes."""
    return SENDERS[kind.name].secrets[0] if kind.name in SENDERS else "a-secret-of-the-bank"


def survive(kind: SourceKind[Any], request: RawRequest, answer: bytes | None) -> None:
    """What the door, the trial and the settling do with a delivery."""
    told = kind.settings.model_validate(SETTINGS.get(kind.name, {}))
    kind.greet(request, told)
    try:
        kind.verify(request, [kind.read_secret(secret_of(kind))], told)
    except Refusal as refused:
        assert refused.kind == "unauthenticated"  # noqa: PT017 - most of the deliveries are refused
    assert isinstance(kind.redact_body(request.body), bytes)
    if kind.split is not None:
        with suppress(UnreadableDelivery):
            for part in kind.split(request.body):
                kind.parse(RawRequest(headers={}, body=part, at=NOW), told)
    try:
        reading = read_delivery(kind, request, told)
        assert storable_key(reading.dedupe_key)
        assert text_error(storable_key(reading.dedupe_key)) is text_error(storable_topic(reading.type)) is None
        if reading.fetches:
            assert kind.complete is not None
            fetched = {plan.name: answer for plan in reading.fetches}
            assert all(text_error(name) is None for name in fetched)
            reading = read_delivery(kind, request, told, fetched)
    except UnreadableDelivery:
        return
    assert bool(reading.events) or reading.silence is not None
    for event in reading.events:
        orjson.dumps(event.data.model_dump(mode="json"))
        assert b"\\u0000" not in orjson.dumps(event.data.model_dump(mode="json"))
    if kind.answer is not None:
        assert kind.answer(request, told).status in {200, 202, 204}


def play(kind: SourceKind[Any], deliveries: int) -> None:
    """So many deliveries of this kind."""

    @settings(max_examples=max(deliveries // AT_ONCE, 1), deadline=None, database=None, phases=[Phase.generate])
    @given(st.integers(0, 2**64))
    def played(seed: int) -> None:
        noise = Noise(kind.name, seed)
        for _ in range(AT_ONCE):
            survive(kind, noise.request(), noise.body())

    played()


@pytest.mark.parametrize("name", sorted(KINDS))
def test_five_hundred_fuzzed_deliveries(name: str) -> None:
    play(KINDS[name], 500)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_hundred_thousand_fuzzed_deliveries(name: str) -> None:
    warm_up = min(DELIVERIES // 20, 5_000)
    play(KINDS[name], warm_up)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    play(KINDS[name], DELIVERIES - warm_up)
    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown_mib < GROWN_MIB_MAX


HOSTILE = {
    "nested arrays": b"[",
    "nested objects": b'{"a":',
    "nested brackets": b"a[b][c]=1&",
    "one deep name": b"[a]",
    "many fields": b"a=&",
    "many numbers": b"1,",
    "nested elements": b"<a>",
    "escapes": b"%25",
    "lines": "СекцияДокумент\r\n".encode("cp1251"),
    "long digits": b"9",
}


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_hostile_body_of_the_largest_size_costs_bounded_memory(name: str) -> None:
    kind, headers = KINDS[name], {"content-type": MEDIA_OF.get(name, "text/plain")}
    tracemalloc.start()
    try:
        for title, piece in HOSTILE.items():
            body = (piece * (BODY_BYTES_MAX // len(piece) + 1))[:BODY_BYTES_MAX]
            tracemalloc.reset_peak()
            survive(kind, RawRequest(headers, body, NOW, source="crm", received_url=URL), body)
            assert tracemalloc.get_traced_memory()[1] < PEAK_BYTES_MAX, title
    finally:
        tracemalloc.stop()
