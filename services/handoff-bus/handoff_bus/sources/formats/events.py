"""Events in the words of kind `standard`, built from whatever was read."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from conveyor.kit.http.strict_json import pointer_token
from conveyor.kit.quiet_messages import quiet_message
from conveyor.kit.refusals import FieldError
from handoff_bus.sources.kinds.kind import UnreadableDelivery
from handoff_bus.sources.kinds.standard.schema import OUTSIDE_EVENT, OutsideEvent

_CODE = re.compile(r"[^\x00-\x20]{1,100}")
_UNWANTED = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
TEXT_LENGTH_MAX = 500


def event_of(kind: str, timestamp: datetime, data: Mapping[str, Any]) -> OutsideEvent:
    """The event of this type; fields that are None are left out. Raises UnreadableDelivery."""
    given = {name: value for name, value in data.items() if value is not None}
    try:
        return OUTSIDE_EVENT.validate_python({"type": kind, "timestamp": timestamp, "data": given})
    except ValidationError as refused:
        raise UnreadableDelivery(
            errors=[
                FieldError(
                    "".join(pointer_token(str(part)) for part in error["loc"][1:]),
                    quiet_message(error),
                )
                for error in refused.errors(include_url=False, include_context=False, include_input=False)
            ]
        ) from None


def words(value: str) -> str | None:
    """A text for people: trimmed, without control characters, at most 500 letters; None when nothing is left."""
    return _UNWANTED.sub(" ", value).strip()[:TEXT_LENGTH_MAX].strip() or None


def code(value: str) -> str:
    """An outside id as it is, or its hash where it is long or holds blanks."""
    return value if _CODE.fullmatch(value) else hashed(value)


def hashed(*parts: str) -> str:
    """A key made of parts that cannot run into each other."""
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def contact(*, name: str, phones: Iterable[str] = (), emails: Iterable[str] = (), position: str = "") -> dict[str, Any]:
    """A person at the company, by what is known of him; empty when that is nothing."""
    phone = next((found for found in map(words, phones) if found and any(sign.isdigit() for sign in found)), None)
    email = next((found for found in map(words, emails) if found and "@" in found), None)
    called = words(name) or phone or email
    if called is None:
        return {}
    known = {"name": called, "position": words(position), "phone": phone, "email": email}
    return {field: value for field, value in known.items() if value is not None}
