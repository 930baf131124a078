"""Kind `bitrix24_telephony`. The secret is the `application_token` of the outgoing webhook or application."""

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import StringConstraints

from handoff_bus.sources.kinds.bitrix24_telephony.parse import parse
from handoff_bus.sources.kinds.kind import (
    TELEPHONY_SILENT_AFTER_MINUTES,
    BadSignature,
    SourceKind,
    SourceSettings,
    UnreadableDelivery,
    by_token,
)
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.telephony.call import is_one_of, plain_secret
from handoff_bus.sources.kinds.telephony.fields import form_of

_TOKENS = re.compile(
    rb"((?:^|&)auth(?:%5B|\[)(?:access_token|refresh_token|application_token)(?:%5D|\])=)[^&]*", re.IGNORECASE
)


class Bitrix24TelephonySettings(SourceSettings):
    """`member_id`: refuse deliveries of another portal."""

    member_id: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None


def verify(request: RawRequest, keys: Sequence[bytes], settings: Bitrix24TelephonySettings) -> None:
    """Compares `auth[application_token]`: nothing signs the bytes."""
    try:
        form = form_of(request.body)
    except UnreadableDelivery as refused:
        raise BadSignature from refused
    if settings.member_id not in {None, form.raw("auth[member_id]")}:
        raise BadSignature
    if not is_one_of(form.raw("auth[application_token]"), keys):
        raise BadSignature


def redact_body(body: bytes) -> bytes:
    """The body without its tokens; an application's event carries even those of its user."""
    return _TOKENS.sub(rb"\1[redacted]", body)


BITRIX24_TELEPHONY = SourceKind(
    name="bitrix24_telephony",
    tells_one=True,
    settings=Bitrix24TelephonySettings,
    trust=by_token,
    verify=verify,
    parse=parse,
    mint_secret=None,
    read_secret=plain_secret,
    redact_body=redact_body,
    silent_after_minutes=TELEPHONY_SILENT_AFTER_MINUTES,
)
