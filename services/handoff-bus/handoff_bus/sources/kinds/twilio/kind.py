"""Kind `twilio`. The secret is the auth token; `I-Twilio-Idempotency-Token` is not needed, calls count their events."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import StringConstraints

from handoff_bus.sources.kinds.kind import (
    TELEPHONY_SILENT_AFTER_MINUTES,
    BadSignature,
    SourceKind,
    SourceSettings,
    UnreadableDelivery,
    signed,
)
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.telephony.call import is_one_of, plain_secret
from handoff_bus.sources.kinds.telephony.fields import form_of
from handoff_bus.sources.kinds.twilio.parse import parse
from handoff_bus.sources.kinds.twilio.signature import signatures


class TwilioSettings(SourceSettings):
    """`account_sid`: refuse deliveries of another account."""

    account_sid: Annotated[str, StringConstraints(pattern=r"^AC[0-9a-zA-Z]{8,62}$")] | None = None


def verify(request: RawRequest, keys: Sequence[bytes], settings: TwilioSettings) -> None:
    """`X-Twilio-Signature` covers the public address with its query, and every parameter, also new ones."""
    if request.received_url is None:
        raise BadSignature
    try:
        expected = [value for key in keys for value in signatures(request, key, url=request.received_url)]
        account = form_of(request.body).text("AccountSid") if settings.account_sid else None
    except (UnreadableDelivery, ValueError) as refused:
        raise BadSignature from refused
    if not is_one_of(request.headers.get("x-twilio-signature"), expected) or account != settings.account_sid:
        raise BadSignature


TWILIO = SourceKind(
    name="twilio",
    tells_one=True,
    settings=TwilioSettings,
    trust=signed,
    verify=verify,
    parse=parse,
    mint_secret=None,
    read_secret=plain_secret,
    reads_url=True,
    redacted_headers=frozenset({"x-twilio-signature"}),
    silent_after_minutes=TELEPHONY_SILENT_AFTER_MINUTES,
)
