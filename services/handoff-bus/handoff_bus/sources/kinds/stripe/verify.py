"""Proves an event: `Stripe-Signature: t=…,v1=…[,v1=…]`, hex HMAC-SHA256 of "t.body" with the whole `whsec_` text.

Source: stripe.com/docs/webhooks/signatures. During a rotation there are several v1, any of which may match.
"""

import hmac
from collections.abc import Sequence

from handoff_bus.sources.kinds.kind import BadSignature, StaleTimestamp
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.stripe.settings import StripeSettings

HEADER = "stripe-signature"
TOLERANCE_SECONDS = 300
_PARTS_MAX = 20


def verify(request: RawRequest, keys: Sequence[bytes], _: StripeSettings) -> None:
    """Refuses an event that no valid secret signed within five minutes. Raises BadSignature, StaleTimestamp."""
    parts = [part.strip().partition("=") for part in request.headers.get(HEADER, "").split(",")[:_PARTS_MAX]]
    stamps = [value for name, _, value in parts if name == "t"]
    if len(stamps) != 1 or not (stamps[0].isascii() and stamps[0].isdigit() and len(stamps[0]) <= 12):
        raise BadSignature
    offered = [value.encode("utf-8", "surrogateescape") for name, _, value in parts if name == "v1"]
    signed = stamps[0].encode() + b"." + request.body
    expected = [hmac.new(key, signed, "sha256").hexdigest().encode() for key in keys]
    # Every pair is compared, so that the time taken does not tell which one matched.
    matches = [hmac.compare_digest(want, got) for want in expected for got in offered]
    if not any(matches):
        raise BadSignature
    if abs(request.at.timestamp() - int(stamps[0])) > TOLERANCE_SECONDS:
        raise StaleTimestamp
