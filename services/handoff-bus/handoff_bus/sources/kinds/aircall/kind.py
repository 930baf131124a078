"""Kind `aircall`. The secret is the token of the webhook, sent at the top of every body."""

from collections.abc import Sequence

from handoff_bus.sources.kinds.aircall.parse import parse
from handoff_bus.sources.kinds.kind import (
    TELEPHONY_SILENT_AFTER_MINUTES,
    BadSignature,
    SourceKind,
    SourceSettings,
    UnreadableDelivery,
    by_token,
)
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.telephony.call import is_one_of, plain_secret, without_token
from handoff_bus.sources.kinds.telephony.fields import json_of


class AircallSettings(SourceSettings):
    """None: everything is said by the format."""


def verify(request: RawRequest, keys: Sequence[bytes], _: AircallSettings) -> None:
    """Compares `token`: nothing signs the bytes."""
    try:
        token = json_of(request.body).raw("token")
    except UnreadableDelivery as refused:
        raise BadSignature from refused
    if not is_one_of(token, keys):
        raise BadSignature


AIRCALL = SourceKind(
    name="aircall",
    tells_one=True,
    settings=AircallSettings,
    trust=by_token,
    verify=verify,
    parse=parse,
    mint_secret=None,
    read_secret=plain_secret,
    redact_body=without_token,
    silent_after_minutes=TELEPHONY_SILENT_AFTER_MINUTES,
)
