"""Anything may be sent: a notice with odd fields is read, or refused by name; nothing else comes out of a kind.

The long form for every kind is in `kinds/test_fuzzed_kinds.py`.
"""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handoff_bus.sources.kinds.kind import BadSignature, StaleTimestamp, UnreadableDelivery
from handoff_bus.sources.kinds.read import read_delivery, storable_key, storable_topic
from handoff_bus.sources.kinds.registry import KINDS
from handoff_bus.sources.kinds.request import RawRequest
from tests.handoff_bus.payments.provider_notices import (
    charge,
    cloudpayments_pay,
    cloudpayments_refund,
    intent,
    robokassa,
    stripe,
    tbank,
    yookassa,
    yookassa_payment,
    yookassa_refund,
)
from tests.handoff_bus.payments.statements import incoming, outgoing, statement

AT = datetime(2026, 3, 20, tzinfo=UTC)
SEEDS: dict[str, list[bytes]] = {
    "cloudpayments": [urlencode(cloudpayments_pay()).encode(), json.dumps(cloudpayments_refund()).encode()],
    "tbank": [tbank(), tbank("REFUNDED"), tbank("PARTIAL_REFUNDED")],
    "robokassa": [robokassa(Shp_contract="C-17"), robokassa(IsTest="1")],
    "stripe": [
        stripe("payment_intent.succeeded", intent(), at=AT),
        stripe("charge.refunded", charge(refunded=5), at=AT, previous={"amount_refunded": 1}),
    ],
    "yookassa": [
        yookassa("payment.succeeded", yookassa_payment()),
        yookassa("refund.succeeded", yookassa_refund()),
    ],
    "onec_bank": [statement(incoming(), outgoing()), statement(incoming(), encoding="utf-8")],
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def bodies(draw: st.DrawFn, kind: str) -> bytes:
    """A seed with a field replaced by any JSON, a seed with bytes cut out and put in, or any bytes."""
    seed = draw(st.sampled_from(SEEDS[kind]))
    way = draw(st.integers(0, 2))
    if way == 0:
        return draw(st.binary(max_size=60))
    if way == 1 and seed[:1] == b"{":
        whole = json.loads(seed)
        place: Any = whole
        while True:
            name = draw(st.sampled_from(sorted(place)))
            if isinstance(place[name], dict) and place[name] and draw(st.booleans()):
                place = place[name]
                continue
            place[name] = draw(JSON)
            return json.dumps(whole).encode()
    start = draw(st.integers(0, len(seed)))
    stop = draw(st.integers(start, min(len(seed), start + 12)))
    return seed[:start] + draw(st.binary(max_size=8)) + seed[stop:]


def _take(kind_name: str, body: bytes, form: bool) -> None:
    kind = KINDS[kind_name]
    chosen = kind.settings(**({"shop_id": "1"} if kind_name == "yookassa" else {}))
    media = "application/x-www-form-urlencoded" if form else "application/json"
    headers = {"content-type": media, "stripe-signature": "t=1,v1=ab", "content-hmac": "AAAA"}
    request = RawRequest(headers=headers, body=body, at=AT, query="type=pay", source="s")
    with suppress(BadSignature, StaleTimestamp):
        kind.verify(request, [b"key"], chosen)
    try:
        if kind.split is not None:
            for part in kind.split(body):
                read_delivery(kind, RawRequest(headers={}, body=part, at=AT), chosen)
        reading = read_delivery(kind, request, chosen)
    except UnreadableDelivery:
        return
    if kind.answer is not None:
        kind.answer(request, chosen)
    storable_key(reading.dedupe_key)
    storable_topic(reading.type)
    if kind.complete is not None and reading.fetches:
        for answer in (body, None, b"{}"):
            try:
                kind.complete(request, chosen, {plan.name: answer for plan in reading.fetches})
            except UnreadableDelivery:
                continue


@pytest.mark.parametrize("kind", sorted(SEEDS))
def test_any_delivery_is_read_or_refused(kind: str) -> None:
    @settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
    @given(bodies(kind), st.booleans())
    def run(body: bytes, form: bool) -> None:
        _take(kind, body, form)

    run()
