"""The Standard Webhooks signature (https://github.com/standard-webhooks/standard-webhooks, version 1).

`webhook-signature` holds space-separated `v1,<base64 HMAC-SHA256 of "id.timestamp.body">`, several during a rotation.
Checked here on the raw bytes rather than by the `standardwebhooks` package, which decodes the body as text first;
the tests sign with that package.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Sequence

from handoff_bus.sources.kinds.kind import BadSignature, SourceSettings, StaleTimestamp
from handoff_bus.sources.kinds.request import RawRequest

TOLERANCE_SECONDS = 300
SIGNATURES_MAX = 10
WEBHOOK_ID_LENGTH_MAX = 200
KEY_BYTES_MIN, KEY_BYTES_MAX = 24, 64
_PREFIX = "whsec_"


def verify(request: RawRequest, keys: Sequence[bytes], _: SourceSettings) -> None:
    """Refuses a delivery that is not signed with one of `keys`. Raises BadSignature, StaleTimestamp."""
    webhook_id = request.headers.get("webhook-id", "")
    timestamp = request.headers.get("webhook-timestamp", "")
    offered = _signatures(request.headers.get("webhook-signature", ""))
    if not _is_usable(webhook_id) or not _is_number(timestamp):
        raise BadSignature
    signed = b".".join((webhook_id.encode("latin-1"), timestamp.encode("ascii"), request.body))
    expected = [hmac.digest(key, signed, "sha256") for key in keys]
    # Every pair is compared, so that the time taken does not tell which one matched.
    matches = [hmac.compare_digest(want, got) for want in expected for got in offered]
    if not any(matches):
        raise BadSignature
    if abs(request.at.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise StaleTimestamp


def mint_secret() -> str:
    """A new secret: `whsec_` and the base64 of 32 random bytes."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def read_secret(secret: str) -> bytes:
    """The key in a secret. Raises ValueError when it is not `whsec_` + base64 of 24 to 64 bytes."""
    msg = f"must be {_PREFIX} followed by the base64 of {KEY_BYTES_MIN} to {KEY_BYTES_MAX} bytes"
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError) as refused:
        raise ValueError(msg) from refused
    if not secret.startswith(_PREFIX) or not KEY_BYTES_MIN <= len(key) <= KEY_BYTES_MAX:
        raise ValueError(msg)
    return key


def _is_usable(webhook_id: str) -> bool:
    return 0 < len(webhook_id) <= WEBHOOK_ID_LENGTH_MAX and webhook_id.isprintable()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12


def _signatures(header: str) -> list[bytes]:
    found = []
    for part in header.split(" ")[:SIGNATURES_MAX]:
        version, _, encoded = part.partition(",")
        if version == "v1":
            try:
                found.append(base64.b64decode(encoded, validate=True))
            except (binascii.Error, ValueError):
                continue
    return found
