"""Kind `zadarma`. The secret is the API secret of the cabinet."""

import base64
import hmac
from collections.abc import Sequence
from urllib.parse import parse_qsl

from handoff_bus.sources.kinds.kind import (
    TELEPHONY_SILENT_AFTER_MINUTES,
    BadSignature,
    ProviderAnswer,
    SourceKind,
    UnreadableDelivery,
    by_token,
)
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.telephony.call import LocalTimeSettings, is_one_of, plain_secret
from handoff_bus.sources.kinds.telephony.fields import QUERY_FIELDS_MAX, form_of
from handoff_bus.sources.kinds.zadarma.parse import parse

# What the signature of each event covers, as in the official SDK (user-api-v1, lib/Webhook).
_INCOMING = ("caller_id", "called_did", "call_start")
SIGNED: dict[str, tuple[str, ...]] = {
    "NOTIFY_START": _INCOMING,
    "NOTIFY_INTERNAL": _INCOMING,
    "NOTIFY_IVR": _INCOMING,
    "NOTIFY_END": _INCOMING,
    "NOTIFY_ANSWER": ("caller_id", "destination", "call_start"),
    "NOTIFY_OUT_START": ("internal", "destination", "call_start"),
    "NOTIFY_OUT_END": ("internal", "destination", "call_start"),
    "NOTIFY_RECORD": ("pbx_call_id", "call_id_with_rec"),
}
_ECHO_LENGTH_MAX = 200


def verify(request: RawRequest, keys: Sequence[bytes], _: LocalTimeSettings) -> None:
    """`Signature` is the base64 of the *hex* HMAC-SHA1 over a few fields; length and outcome are not among them."""
    try:
        form = form_of(request.body)
    except UnreadableDelivery as refused:
        raise BadSignature from refused
    names = SIGNED.get(form.raw("event"))
    if names is None:
        raise BadSignature
    said = "".join(form.raw(name) for name in names).encode("utf-8", "surrogatepass")
    expected = [base64.b64encode(hmac.digest(key, said, "sha1").hex().encode()) for key in keys]
    if not is_one_of(request.headers.get("signature"), expected):
        raise BadSignature


def greet(request: RawRequest, _: LocalTimeSettings) -> ProviderAnswer | None:
    """The cabinet checks an address with `GET ?zd_echo=<text>` and wants the text back."""
    if request.method != "GET":
        return None
    try:
        query = dict(parse_qsl(request.query, max_num_fields=QUERY_FIELDS_MAX))
    except ValueError:
        return None
    echo = query.get("zd_echo")
    if echo is None or len(echo) > _ECHO_LENGTH_MAX:
        return None
    return ProviderAnswer(body=echo.encode("utf-8", "replace"))


ZADARMA = SourceKind(
    name="zadarma",
    tells_one=True,
    settings=LocalTimeSettings,
    # The signature proves who sent it, as a token does, not how long the call was.
    trust=by_token,
    verify=verify,
    parse=parse,
    greet=greet,
    mint_secret=None,
    read_secret=plain_secret,
    redacted_headers=frozenset({"signature"}),
    silent_after_minutes=TELEPHONY_SILENT_AFTER_MINUTES,
)
