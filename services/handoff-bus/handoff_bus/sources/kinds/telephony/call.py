"""Says that a call ended, in the words of kind `standard`. Pure.

Only what a person talked counts: every kind gives talk seconds, never ringing, waiting or billed minutes. A call that
nobody of ours took part in is said by no one; its kind then reads nothing out of it.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, StringConstraints, ValidationError

from conveyor.kit.quiet_messages import quiet_message
from conveyor.kit.refusals import FieldError
from handoff_bus.sources.kinds.kind import SourceSettings, UnreadableDelivery
from handoff_bus.sources.kinds.reading import Reading, Silence
from handoff_bus.sources.kinds.standard.schema import OUTSIDE_EVENT, OutsideEvent
from handoff_bus.sources.kinds.telephony.fields import unreadable

Direction = Literal["in", "out", "internal"]

WITHHELD = "0"
"""Stands for a number that was withheld or is none; no subscriber has it, so it means no lead."""
SECRET_LENGTH_MIN, SECRET_LENGTH_MAX = 4, 500

_JSON_TOKEN = re.compile(rb'("token"\s*:\s*)(?:"[^"\\]*(?:\\.[^"\\]*)*"|[0-9]+)')
_FORM_TOKEN = re.compile(rb"((?:^|&)token=)[^&]*")
_DIGITS_MIN, _DIGITS_MAX = 3, 20
_DECORATION = re.compile(r"[\s().+-]")
_URL_LENGTH_MAX = 500


def finished_call(
    *,
    call_id: str,
    direction: Direction,
    started_at: datetime,
    talk_seconds: int,
    employee: tuple[str, str],
    number: str | None,
    recording_url: str | None = None,
) -> OutsideEvent:
    """A call of an employee (reference system, value) with `number`. Refuses what the schema does not take."""
    if talk_seconds < 0:
        unreadable("/data/duration_seconds", "the call ended before it was answered")
    data: dict[str, Any] = {
        "call_id": call_id,
        "direction": direction,
        "started_at": started_at.isoformat(),
        "duration_seconds": talk_seconds,
        "employee": {"system": employee[0], "value": employee[1]},
        "lead": {"system": "phone", "value": subscriber_number(number)},
    }
    if recording_url is not None and is_link(recording_url):
        data["recording_url"] = recording_url
    try:
        return OUTSIDE_EVENT.validate_python(
            {"type": "call.finished", "timestamp": started_at.isoformat(), "data": data}
        )
    except ValidationError as refused:
        errors = refused.errors(include_url=False, include_context=False, include_input=False)
        raise UnreadableDelivery(
            errors=[
                FieldError("".join(f"/{part}" for part in error["loc"][1:]), quiet_message(error)) for error in errors
            ]
        ) from None


def subscriber_number(text: str | None) -> str:
    """The digits of a number or of a `sip:` address that is one; WITHHELD for anything else."""
    if text is None:
        return WITHHELD
    plain = text.lower().removeprefix("sip:").partition("@")[0].partition(";")[0]
    digits = _DECORATION.sub("", plain)
    is_number = digits.isascii() and digits.isdigit() and _DIGITS_MIN <= len(digits) <= _DIGITS_MAX
    return digits if is_number else WITHHELD


def is_link(text: str) -> bool:
    """Whether a recording can be opened under this address."""
    if len(text) > _URL_LENGTH_MAX or not text.isprintable():
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"https", "http"} and bool(parts.netloc)


def nothing(dedupe_key: str, *, topic: str, detail: str) -> Reading:
    """A delivery that ends no call of an employee: kept, and said by nobody."""
    return Reading(dedupe_key, silence=Silence("nothing_to_say", detail), topic=topic)


def nobody(dedupe_key: str, *, topic: str) -> Reading:
    """A call in which nobody of ours took part."""
    return nothing(dedupe_key, topic=topic, detail="No employee took part in this call.")


def body_key(body: bytes) -> str:
    """The dedupe key of a delivery that names nothing: only the same bytes are the same delivery."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def read_zone(name: str) -> str:
    """Checks the name of a time zone. Raises ValueError."""
    try:
        ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError, OSError) as refused:
        msg = "is no time zone, such as Europe/Moscow"
        raise ValueError(msg) from refused
    return name


class LocalTimeSettings(SourceSettings):
    """`zone` is the one in which the system writes its local times: that of the server or of the cabinet."""

    zone: Annotated[str, StringConstraints(max_length=60), AfterValidator(read_zone)] = "Europe/Moscow"

    @property
    def tz(self) -> ZoneInfo:
        """The zone itself."""
        return ZoneInfo(self.zone)


def plain_secret(secret: str) -> bytes:
    """The key in a secret that is text. Raises ValueError when it is too short to be one."""
    if not SECRET_LENGTH_MIN <= len(secret.encode()) <= SECRET_LENGTH_MAX or not secret.isprintable():
        msg = f"must be {SECRET_LENGTH_MIN} to {SECRET_LENGTH_MAX} printable characters"
        raise ValueError(msg)
    return secret.encode()


def mint_token() -> str:
    """A token nobody guesses, fit for an address."""
    return secrets.token_urlsafe(32)


def is_one_of(offered: str | None, keys: Sequence[bytes]) -> bool:
    """Whether this text is one of the keys; the time taken does not tell which."""
    given = (offered or "").encode("utf-8", "surrogatepass")
    matches = [hmac.compare_digest(given, key) for key in keys]
    return any(matches)


def without_token(body: bytes) -> bytes:
    """A body in JSON or a form without the value of its field `token`, however it is escaped."""
    in_json = _JSON_TOKEN.sub(rb'\1"[redacted]"', body)
    return in_json if body.lstrip()[:1] in {b"{", b"["} else _FORM_TOKEN.sub(rb"\1[redacted]", body)
