"""Deliveries as nobody sends them: noise, trees, forms, and real deliveries of a kind spoiled. Repeatable by seed."""

import json
import random
from typing import Any

from bench.senders.every_kind import SENDERS
from bench.senders.sending import Order, Sender, Sent
from handoff_bus.sources.kinds.registry import KINDS
from handoff_bus.sources.kinds.request import RawRequest
from tests.handoff_bus.kinds.deliveries_of_kinds import NOW, SAMPLES
from tests.handoff_bus.payments.statements import incoming, outgoing, statement

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
URL = "https://a.example/x"


def order_one(sender: Sender) -> Sent:
    """A delivery as it should be."""
    return sender.send(Order(secret=sender.secrets[0], number=1, at=NOW, url=URL))


def samples_of(kind: str) -> list[bytes]:
    """Real deliveries of a kind, to be spoiled."""
    if kind == "onec_bank":
        return [statement(incoming(), outgoing()), statement(incoming(), encoding="utf-8")]
    return [order_one(SENDERS[kind]).body, *(path.read_bytes() for path in sorted(SAMPLES.glob(f"{kind}_*")))]


SAMPLES_OF = {kind: samples_of(kind) for kind in KINDS}


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
