"""The Token of T-Bank's API, of requests and notifications alike.

Source: T-Kassa OpenAPI 1.80: SHA-256 of the values of all scalar root fields and the password, sorted by field name.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from handoff_bus.sources.kinds.kind import BadSignature, UnreadableDelivery
from handoff_bus.sources.kinds.payments.bodies import json_object
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.tbank.settings import TbankSettings


def verify(request: RawRequest, keys: Sequence[bytes], _: TbankSettings) -> None:
    """Refuses a notification whose Token no valid password made. Raises BadSignature."""
    try:
        body = json_object(request.body)
    except UnreadableDelivery:
        raise BadSignature from None
    offered = body.get("Token")
    if not isinstance(offered, str):
        raise BadSignature
    expected = [token_of(body, password).encode() for password in keys]
    # Every one is compared, so that the time taken does not tell which one matched.
    matches = [hmac.compare_digest(want, offered.lower().encode("utf-8")) for want in expected]
    if not any(matches):
        raise BadSignature


def token_of(body: Mapping[str, Any], password: bytes) -> str:
    """The Token in lower case hex; Token itself, null and nested fields take no part."""
    values = {name: text for name, value in body.items() if (text := _text(value)) is not None and name != "Token"}
    values["Password"] = password.decode("utf-8", "surrogateescape")
    joined = "".join(values[name] for name in sorted(values))
    return hashlib.sha256(joined.encode("utf-8", "surrogateescape")).hexdigest()


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return repr(value) if isinstance(value, int | float) else None
