"""Kind `uis`. The secret is a token that the template carries in the address, a header or the body."""

from collections.abc import Sequence
from urllib.parse import parse_qsl

from handoff_bus.sources.kinds.kind import (
    TELEPHONY_SILENT_AFTER_MINUTES,
    BadSignature,
    SourceKind,
    UnreadableDelivery,
    by_token,
)
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.telephony.call import (
    LocalTimeSettings,
    is_one_of,
    mint_token,
    plain_secret,
    without_token,
)
from handoff_bus.sources.kinds.telephony.fields import QUERY_FIELDS_MAX
from handoff_bus.sources.kinds.uis.parse import fields_of, parse

_HEADER = "x-conveyor-token"


def verify(request: RawRequest, keys: Sequence[bytes], _: LocalTimeSettings) -> None:
    """`?token=`, the header `X-Conveyor-Token`, or the field `token`: nothing here signs the bytes."""
    try:
        offered = [request.headers.get(_HEADER), *_tokens(request)]
    except (UnreadableDelivery, ValueError) as refused:
        raise BadSignature from refused
    matches = [is_one_of(token, keys) for token in offered if token]
    if not any(matches):
        raise BadSignature


def _tokens(request: RawRequest) -> list[str | None]:
    query = [value for name, value in parse_qsl(request.query, max_num_fields=QUERY_FIELDS_MAX) if name == "token"]
    return [*query[:1], fields_of(request).text("token")] if request.body else list(query[:1])


UIS = SourceKind(
    name="uis",
    tells_one=True,
    settings=LocalTimeSettings,
    trust=by_token,
    verify=verify,
    parse=parse,
    methods=frozenset({"GET", "POST"}),
    mint_secret=mint_token,
    read_secret=plain_secret,
    redacted_headers=frozenset({_HEADER}),
    redacted_query=frozenset({"token"}),
    redact_body=without_token,
    silent_after_minutes=TELEPHONY_SILENT_AFTER_MINUTES,
)
