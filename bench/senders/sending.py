"""What a sender makes, and how proofs are written."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery by POST; `query` without its question mark."""

    body: bytes
    headers: Mapping[str, str]
    query: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """Which delivery is wanted: one of another number is about another thing. `url` is where it is sent, bare."""

    secret: str
    number: int
    at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class Sender:
    """An outside system of one kind: what its source is told, two secrets that it may use, and what it sends."""

    kind: str
    secrets: tuple[str, str]
    send: Callable[[Order], Sent]
    settings: Mapping[str, Any] = field(default_factory=dict)


def form(fields: Mapping[str, object], *, query: str = "", **headers: str) -> Sent:
    """A form; header names are given with underscores."""
    return Sent(urlencode(fields).encode(), _named(FORM, headers), query)


def as_json(value: object, *, query: str = "", **headers: str) -> Sent:
    """A JSON body."""
    return Sent(json.dumps(value, ensure_ascii=False).encode(), _named(JSON, headers), query)


def _named(media: str, headers: Mapping[str, str]) -> dict[str, str]:
    return {"content-type": media, **{name.replace("_", "-"): value for name, value in headers.items()}}


def hmac_hex(secret: str, signed: bytes, algorithm: str = "sha256") -> str:
    """The HMAC in hex."""
    return hmac.new(secret.encode(), signed, algorithm).hexdigest()


def hmac_base64(secret: str, signed: bytes, algorithm: str = "sha256") -> str:
    """The HMAC in base64."""
    return base64.b64encode(hmac.digest(secret.encode(), signed, algorithm)).decode()


def sha256_hex(text: str) -> str:
    """The hash in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def standard_headers(order: Order, body: bytes, media: str) -> dict[str, str]:
    """The signature of Standard Webhooks."""
    webhook_id, stamp = f"w-{order.number}", str(int(order.at.timestamp()))
    key = base64.b64decode(order.secret.removeprefix("whsec_"))
    signed = b".".join((webhook_id.encode(), stamp.encode(), body))
    signature = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    return {
        "content-type": media,
        "webhook-id": webhook_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{signature}",
    }
