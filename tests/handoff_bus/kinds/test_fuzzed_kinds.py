"""Whatever comes, a kind reads it or refuses it: no other exception, nothing that could not be stored, memory bounded.

Hypothesis draws seeds, each of which is a crowd of deliveries. CI plays 2,000 deliveries per kind, `make test-long`
100,000.
"""

import json
import random
import resource
from typing import Any

import orjson
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from conveyor.kit.http.strict_json import text_error
from conveyor.kit.refusals import Refusal
from handoff_bus.sources.kinds.kind import SourceKind, UnreadableDelivery
from handoff_bus.sources.kinds.read import read_delivery, storable_key, storable_topic
from handoff_bus.sources.kinds.registry import KINDS
from handoff_bus.sources.kinds.request import RawRequest
from tests.handoff_bus.kinds.deliveries_of_kinds import NOW, SAMPLES

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
}
SECRETS = {"standard": "whsec_" + "A" * 32, "salesforce": "00DAp000000Qw1Z"}
PAID = (
    b'{"a":[{"id":"P1","ts":"1771934400","sum":"45.5","cur":"RUB","phone":"+74950000019"}],"b":1,'
    b'"type":"payment.received","timestamp":"2026-02-24T12:00:00Z","data":{"payment_id":"P1","paid_at":'
    b'"2026-02-24T12:00:00Z","amount":{"amount":"45.50","currency":"RUB"},"lead":{"system":"inn","value":"7700000000"}}}'
)
# Telephony and payment systems are fuzzed beside their own tests.
FUZZED = ("standard", "amocrm", "bitrix24", "hubspot", "pipedrive", "salesforce", "cloudevents", "mapped")
SAMPLES_OF = {name: [path.read_bytes() for path in sorted(SAMPLES.glob(f"{name}_*"))] or [PAID] for name in FUZZED}
KEYS = [
    "id",
    "a",
    "t",
    "b",
    "ts",
    "sum",
    "cur",
    "phone",
    "data",
    "meta",
    "event",
    "type",
    "time",
    "source",
    "specversion",
    "leads",
    "add",
    "note",
    "text",
    "auth",
    "FIELDS",
    "ID",
]
MEDIA = ["", "application/json", "application/x-www-form-urlencoded", "application/cloudevents+json", "text/xml"]
MEDIA.append("application/cloudevents-batch+json")

TEXTS = [
    "",
    "0",
    "1",
    "-1",
    "1e400",
    "1771934400",
    "\x00",
    "9" * 40,
    "\ud800",
    "é" * 600,
    "2026-02-24T12:00:00Z",
    "{",
    "[]",
]
HEADERS = ["authorization", "ce-id", "ce-source", "ce-type", "ce-specversion", "ce-time", "webhook-id", "x-signature"]
HEADERS += ["x-hubspot-signature-v3", "x-hubspot-request-timestamp", "x-hubspot-signature", "webhook-request-origin"]
VALUES = ["1.0", "payment.received", "Basic YTpi", "Bearer x", "1700000000000", "v2", "%ff", "application/json"]
AT_ONCE = 50


class Noise:
    """Deliveries of one kind from one seed: noise, JSON, forms, and real deliveries spoiled."""

    def __init__(self, kind: str, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._samples = SAMPLES_OF[kind]

    def request(self) -> RawRequest:
        """Any headers, any query, any body."""
        chosen = self._random.choices(HEADERS, k=self._random.randrange(5))
        query = self._text() if self._random.random() < 0.3 else ""
        return RawRequest(
            headers={name: self._value() for name in chosen} | {"content-type": self._random.choice(MEDIA)},
            body=self.body(),
            at=NOW,
            method=self._random.choice(["POST", "POST", "POST", "GET", "OPTIONS", "PUT"]),
            query=query,
            source="crm",
            received_url=f"https://a.example/?{query}",
            sender="10.0.0.1",
        )

    def body(self) -> bytes:
        """Any bytes, most of them nearly right."""
        match self._random.randrange(8):
            case 0:
                return self._random.randbytes(self._random.randrange(80))
            case 1 | 2:
                return json.dumps(self._tree(4)).encode()
            case 3:
                pairs = (f"{self._name()}={self._text()}" for _ in range(self._random.randrange(6)))
                return "&".join(pairs).encode("utf-8", "surrogatepass")
            case _:
                return self._spoiled()

    def _spoiled(self) -> bytes:
        body = self._random.choice(self._samples)
        for _ in range(self._random.randrange(1, 5)):
            start = self._random.randrange(len(body) + 1)
            end = min(len(body), start + self._random.randrange(12))
            other = [self._random.randbytes(4), body[start:end] * 2, self._text().encode("utf-8", "surrogatepass"), b""]
            body = body[:start] + self._random.choice(other) + body[end:]
        return body

    def _tree(self, depth: int) -> Any:
        choice = self._random.randrange(8 if depth else 5)
        if choice < 5:
            return [None, True, self._random.randrange(-(10**12), 10**12), self._random.random(), self._text()][choice]
        if choice == 5:
            return [self._tree(depth - 1) for _ in range(self._random.randrange(4))]
        return {self._random.choice(KEYS): self._tree(depth - 1) for _ in range(self._random.randrange(6))}

    def _name(self) -> str:
        parts = self._random.choices(KEYS, k=self._random.randrange(1, 4))
        return "[".join(parts) + "]" * (len(parts) - 1)

    def _value(self) -> str:
        return self._random.choice(VALUES) if self._random.random() < 0.7 else self._text()

    def _text(self) -> str:
        if self._random.random() < 0.6:
            return self._random.choice(TEXTS)
        return "".join(chr(self._random.randrange(1, 0xD7FF)) for _ in range(self._random.randrange(12)))


def survive(kind: SourceKind[Any], request: RawRequest, answer: bytes | None) -> None:
    """What the door, the trial and the settling do with a delivery."""
    told = kind.settings.model_validate(SETTINGS.get(kind.name, {}))
    kind.greet(request, told)
    try:
        kind.verify(request, [kind.read_secret(SECRETS.get(kind.name, "user:0123456789abcdef"))], told)
    except Refusal as refused:
        assert refused.kind == "unauthenticated"  # noqa: PT017 - most of the deliveries are refused
    kind.redact_body(request.body)
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


def _play(kind: SourceKind[Any], deliveries: int) -> None:
    @settings(max_examples=deliveries // AT_ONCE, deadline=None, database=None, phases=[Phase.generate])
    @given(st.integers(0, 2**64))
    def played(seed: int) -> None:
        noise = Noise(kind.name, seed)
        for _ in range(AT_ONCE):
            survive(kind, noise.request(), noise.body())

    played()


@pytest.mark.parametrize("name", FUZZED)
def test_two_thousand_fuzzed_deliveries(name: str) -> None:
    _play(KINDS[name], 2_000)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", FUZZED)
def test_a_hundred_thousand_fuzzed_deliveries(name: str) -> None:
    _play(KINDS[name], 5_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _play(KINDS[name], 95_000)
    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown_mib < 100
