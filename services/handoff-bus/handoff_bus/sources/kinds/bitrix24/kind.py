"""Kind `bitrix24`. The secret is the `application_token` of the outgoing webhook or the application."""

import re
from collections.abc import Sequence

from handoff_bus.sources.formats.proofs import check_secret, read_text
from handoff_bus.sources.kinds.bitrix24.parse import application_token, complete, parse
from handoff_bus.sources.kinds.bitrix24.settings import Bitrix24Settings
from handoff_bus.sources.kinds.kind import BadSignature, ProviderAnswer, SourceKind, UnreadableDelivery, by_token
from handoff_bus.sources.kinds.request import RawRequest

_TOKEN = rb"(?:access_token|refresh_token|application_token)"
_IN_FORM = re.compile(rb"((?:^|&)auth(?:%5B|\[)" + _TOKEN + rb"(?:%5D|\])=)[^&]*", re.IGNORECASE)
_IN_JSON = re.compile(rb'("' + _TOKEN + rb'"\s*:\s*")[^"\\]*(?:\\.[^"\\]*)*(")')


def verify(request: RawRequest, keys: Sequence[bytes], _: Bitrix24Settings) -> None:
    """Compares `auth[application_token]`; nothing signs the bytes. Raises BadSignature."""
    try:
        token = application_token(request.body)
    except UnreadableDelivery:
        raise BadSignature from None
    check_secret(token, keys)


def redact_body(body: bytes) -> bytes:
    """The body without its tokens: an application's event carries even those of its user."""
    return _IN_JSON.sub(rb"\1[redacted]\2", _IN_FORM.sub(rb"\1[redacted]", body))


def answer(_: RawRequest, __: Bitrix24Settings) -> ProviderAnswer:
    """Bitrix24 reads nothing and never sends again."""
    return ProviderAnswer()


BITRIX24 = SourceKind(
    name="bitrix24",
    tells_one=True,
    settings=Bitrix24Settings,
    trust=by_token,
    verify=verify,
    parse=parse,
    complete=complete,
    answer=answer,
    mint_secret=None,
    read_secret=read_text,
    redact_body=redact_body,
)
