"""CloudEvents: binary, structured, batched, and the handshake."""

import base64
import json
from typing import Any

import pytest

from handoff_bus.sources.kinds.cloudevents.kind import CLOUDEVENTS
from handoff_bus.sources.kinds.kind import UnreadableDelivery
from handoff_bus.sources.kinds.request import RawRequest
from tests.handoff_bus.kinds.deliveries_of_kinds import facts, is_proven, raw, read, sample, silence

SECRET = "s" * 32
PAID = {
    "payment_id": "P-9",
    "paid_at": "2026-03-09T12:00:00+03:00",
    "amount": {"amount": "45000.00", "currency": "RUB"},
    "lead": {"system": "contract", "value": "C-17"},
}
EVENT = {"specversion": "1.0", "type": "payment.received", "source": "/shop", "id": "e-1", "data": PAID}
STRUCTURED = {"content-type": "application/cloudevents+json; charset=utf-8"}
BATCHED = {"content-type": "application/cloudevents-batch+json"}


def _structured(**changes: Any) -> RawRequest:
    return raw(json.dumps({**EVENT, **changes}), headers=STRUCTURED)


def _binary(body: Any = None, **changes: str | None) -> RawRequest:
    named = {"specversion": "1.0", "type": "payment.received", "source": "/shop", "id": "e-1", **changes}
    headers = {f"ce-{name}": value for name, value in named.items() if value is not None}
    return raw(json.dumps(body or PAID), headers={**headers, "content-type": "application/json; charset=utf-8"})


def test_all_three_ways_say_the_same() -> None:
    batch = raw(json.dumps([EVENT]), headers=BATCHED)
    readings = [read(CLOUDEVENTS, request) for request in (_structured(), _binary(), batch)]
    assert [reading.dedupe_key for reading in readings] == [readings[0].dedupe_key] * 3
    for reading in readings:
        (payment,) = facts(reading)
        assert (payment["type"], payment["amount"]) == ("payment.received", PAID["amount"])


def test_the_sample_has_no_words_until_the_settings_translate_it() -> None:
    request = raw(sample("cloudevents_deal_won_structured.json"), headers=STRUCTURED)
    assert silence(read(CLOUDEVENTS, request)) == "nothing_to_say"
    with pytest.raises(UnreadableDelivery):
        read(CLOUDEVENTS, request, {"types": {"ru.romashka.sales.deal.won.v1": "payment.received"}})
    translated = _structured(type="ru.romashka.money.in")
    assert read(CLOUDEVENTS, translated, {"types": {"ru.romashka.money.in": "payment.received"}}).events


@pytest.mark.parametrize("type_", ["ru.romashka.payment.received", "ru.romashka.payment.received.v2"])
def test_a_prefix_and_a_version_do_not_matter(type_: str) -> None:
    assert read(CLOUDEVENTS, _structured(type=type_)).events


def test_a_batch_holds_many_and_what_has_no_words_is_left_out() -> None:
    batch = [{**EVENT, "id": f"e-{number}", "data": {**PAID, "payment_id": f"P-{number}"}} for number in range(3)]
    batch.append({**EVENT, "id": "e-4", "type": "x.y"})
    reading = read(CLOUDEVENTS, raw(json.dumps(batch), headers=BATCHED))
    assert [fact["payment_id"] for fact in facts(reading)] == ["P-0", "P-1", "P-2"]
    assert silence(read(CLOUDEVENTS, raw("[]", headers=BATCHED))) == "nothing_to_say"


def test_header_values_are_percent_encoded() -> None:
    plain = read(CLOUDEVENTS, _structured(source="/магазин 1", id="é"))
    encoded = read(CLOUDEVENTS, _binary(source="/%D0%BC%D0%B0%D0%B3%D0%B0%D0%B7%D0%B8%D0%BD%201", id="%C3%A9"))
    assert plain.dedupe_key == encoded.dedupe_key


def test_source_and_id_together_are_the_dedupe_key() -> None:
    keys = {read(CLOUDEVENTS, _structured(**more)).dedupe_key for more in ({}, {"id": "e-2"}, {"source": "/other"})}
    assert len(keys) == 3


def test_data_may_come_as_base64() -> None:
    data = base64.b64encode(json.dumps(PAID).encode()).decode()
    event = {**EVENT, "data_base64": data}
    del event["data"]
    assert (
        read(CLOUDEVENTS, raw(json.dumps(event), headers=STRUCTURED)).events == read(CLOUDEVENTS, _structured()).events
    )


@pytest.mark.parametrize(
    "request_",
    [
        raw("{}"),
        raw("[]", headers=STRUCTURED),
        raw("{}", headers=BATCHED),
        raw("[5]", headers=BATCHED),
        raw(sample("cloudevents_deal_won_structured.json")),
        _binary(id=None),
        _binary(specversion="0.3"),
        _structured(id=5),
        _structured(data="text"),
        _structured(time="yesterday"),
        _structured(time="2026-02-24T12:00:00"),
        _structured(data={**PAID, "extra": 1}),
        _structured(data_base64="***"),
    ],
)
def test_what_is_no_event(request_: RawRequest) -> None:
    with pytest.raises(UnreadableDelivery):
        read(CLOUDEVENTS, request_)


def test_placeholders_of_the_specification_are_no_json() -> None:
    with pytest.raises(UnreadableDelivery):
        read(CLOUDEVENTS, raw('{"specversion": "1.0", ... further attributes omitted ...}', headers=STRUCTURED))


def test_the_bearer_token_is_the_proof() -> None:
    assert is_proven(CLOUDEVENTS, raw("", headers={"authorization": f"Bearer {SECRET}"}), SECRET)
    assert is_proven(CLOUDEVENTS, raw("", query=f"access_token={SECRET}"), SECRET)
    assert not is_proven(CLOUDEVENTS, raw("", headers={"authorization": f"Basic {SECRET}"}), SECRET)
    assert not is_proven(CLOUDEVENTS, raw("", headers={"authorization": f"Bearer {SECRET}x"}), SECRET)
    assert not is_proven(CLOUDEVENTS, raw(""), SECRET)


def test_the_handshake() -> None:
    def greeted(origin: str, *allowed: str) -> Any:
        request = raw("", method="OPTIONS", headers={"webhook-request-origin": origin})
        greeting = CLOUDEVENTS.greet(request, CLOUDEVENTS.settings(allowed_origins=allowed))
        assert greeting is not None
        return greeting.headers.get("WebHook-Allowed-Origin")

    assert greeted("events.example.com") == "events.example.com"
    assert greeted("events.example.com", "events.example.com") == "events.example.com"
    assert greeted("evil.example.com", "events.example.com") is None
    assert greeted("a\r\nb: c") is None
    assert greeted("") is None
    assert CLOUDEVENTS.greet(_structured(), CLOUDEVENTS.settings()) is None
