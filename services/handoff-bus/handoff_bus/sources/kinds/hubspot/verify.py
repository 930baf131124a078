"""HubSpot's signatures. Version 3 signs method, address, body and time; 2 method, address and body; 1 the body.

Source: HubSpot's developer documentation and the signature tests of its SDK.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence

from handoff_bus.sources.kinds.hubspot.settings import HubspotSettings
from handoff_bus.sources.kinds.kind import BadSignature, StaleTimestamp
from handoff_bus.sources.kinds.request import RawRequest

TOLERANCE_MS = 300_000
# Version 3 signs the address with these escapes decoded, and no others.
_DECODED = {f"%{ord(sign):02X}": sign for sign in ":/?@!$'()*,;"}
_ESCAPE = re.compile("|".join(_DECODED), re.IGNORECASE)


def verify(request: RawRequest, keys: Sequence[bytes], settings: HubspotSettings) -> None:
    """Refuses what is not signed with one of `keys`. Raises BadSignature, StaleTimestamp.

    A delivery that carries version 3 is judged by that alone.
    """
    offered = request.headers.get("x-hubspot-signature-v3")
    if offered is not None:
        _verify_v3(request, keys, offered)
        return
    version = request.headers.get("x-hubspot-signature-version", "v1")
    if settings.requires_v3 or version not in {"v1", "v2"}:
        raise BadSignature
    place = f"{request.method}{request.received_url or ''}" if version == "v2" else ""
    signed = place.encode("utf-8", "surrogatepass") + request.body
    given = request.headers.get("x-hubspot-signature", "").encode("utf-8", "surrogatepass")
    matches = [hmac.compare_digest(hashlib.sha256(key + signed).hexdigest().encode(), given) for key in keys]
    if not any(matches):
        raise BadSignature


def _verify_v3(request: RawRequest, keys: Sequence[bytes], offered: str) -> None:
    timestamp = request.headers.get("x-hubspot-request-timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > 15:
        raise BadSignature
    try:
        given = base64.b64decode(offered, validate=True)
    except (binascii.Error, ValueError):
        raise BadSignature from None
    address = _ESCAPE.sub(lambda escape: _DECODED[escape[0].upper()], request.received_url or "")
    place = f"{request.method}{address}".encode("utf-8", "surrogatepass")
    signed = b"".join((place, request.body, timestamp.encode()))
    matches = [hmac.compare_digest(hmac.digest(key, signed, "sha256"), given) for key in keys]
    if not any(matches):
        raise BadSignature
    if abs(request.at.timestamp() * 1000 - int(timestamp)) > TOLERANCE_MS:
        raise StaleTimestamp
