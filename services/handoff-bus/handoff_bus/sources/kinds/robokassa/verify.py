"""Proves a ResultURL: SignatureValue is the hash of `OutSum:InvId:Password2[:Shp_a=…:Shp_b=…]`, letters as received.

Source: docs.robokassa.ru; the sum takes part as the text that came, and the Shp_ fields sorted by name.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import quote_plus

from handoff_bus.sources.kinds.kind import BadSignature, UnreadableDelivery
from handoff_bus.sources.kinds.payments.bodies import form_fields
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.robokassa.settings import RobokassaSettings


def verify(request: RawRequest, keys: Sequence[bytes], settings: RobokassaSettings) -> None:
    """Refuses a call that no valid second password signed. Raises BadSignature."""
    try:
        fields = form_fields(request)
    except UnreadableDelivery:
        raise BadSignature from None
    offered = fields.get("SignatureValue", "").lower().encode("utf-8")
    expected = [
        digest.encode()
        for key in keys
        for extra in (_extras(fields, encoded=False), _extras(fields, encoded=True))
        for digest in [signature(fields, extra, key, algorithm=settings.hash_algorithm)]
    ]
    # Every pair is compared, so that the time taken does not tell which one matched.
    matches = [hmac.compare_digest(want, offered) for want in expected]
    if not any(matches):
        raise BadSignature


def signature(fields: Mapping[str, str], extra: str, password: bytes, *, algorithm: str) -> str:
    """The signature in lower case."""
    head = f"{fields.get('OutSum', '')}:{fields.get('InvId', '')}:".encode()
    return hashlib.new(algorithm, head + password + extra.encode(), usedforsecurity=False).hexdigest()


def is_extra(name: str) -> bool:
    """Whether it is a field of the shop's own: Shp_ in any case, of old libraries without the underscore."""
    return name.lower().startswith("shp")


def _extras(fields: Mapping[str, str], *, encoded: bool) -> str:
    # Shops that encode their own values sign the encoded form.
    names = sorted(name for name in fields if is_extra(name))
    return "".join(f":{name}={quote_plus(fields[name]) if encoded else fields[name]}" for name in names)
