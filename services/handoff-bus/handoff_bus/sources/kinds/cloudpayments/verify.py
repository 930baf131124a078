"""Proves a notification: base64 of the HMAC-SHA256 of the body with the API secret.

Of the two headers one is over the url-encoded body and one over the decoded one; which is which has been told both
ways, so either may match either. The encoded body is taken as it came: its escapes are in lower case.
"""

import base64
import binascii
import hmac
from collections.abc import Sequence
from urllib.parse import unquote_to_bytes

from handoff_bus.sources.kinds.cloudpayments.settings import CloudPaymentsSettings
from handoff_bus.sources.kinds.kind import BadSignature
from handoff_bus.sources.kinds.request import RawRequest

HEADERS = ("content-hmac", "x-content-hmac")


def verify(request: RawRequest, keys: Sequence[bytes], _: CloudPaymentsSettings) -> None:
    """Refuses a notification that no valid secret signed. Raises BadSignature."""
    raw = request.body if request.method != "GET" else request.query.encode("latin-1", "replace")
    texts = (raw, unquote_to_bytes(raw.replace(b"+", b" ")))
    offered = [mac for name in HEADERS if (mac := _decoded(request.headers.get(name, ""))) is not None]
    expected = [hmac.digest(key, text, "sha256") for key in keys for text in texts]
    # Every pair is compared, so that the time taken does not tell which one matched.
    matches = [hmac.compare_digest(want, got) for want in expected for got in offered]
    if not any(matches):
        raise BadSignature


def _decoded(header: str) -> bytes | None:
    try:
        return base64.b64decode(header, validate=True) if header else None
    except (binascii.Error, ValueError):
        return None
