"""Kind `mango`. The secret is the `vpbx_api_salt` of the cabinet."""

import hashlib
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
from handoff_bus.sources.kinds.mango.parse import parse
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.telephony.call import is_one_of, mint_token, plain_secret
from handoff_bus.sources.kinds.telephony.fields import form_of


class MangoSettings(SourceSettings):
    """`vpbx_api_key`: refuse deliveries of another exchange."""

    vpbx_api_key: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None


def verify(request: RawRequest, keys: Sequence[bytes], settings: MangoSettings) -> None:
    """`sign` is the hex SHA-256 of key, `json` as received, and salt. It has no time: ids catch what is sent again."""
    try:
        form = form_of(request.body)
        api_key, sign, said = (form.raw(name) for name in ("vpbx_api_key", "sign", "json"))
    except UnreadableDelivery as refused:
        raise BadSignature from refused
    if settings.vpbx_api_key not in {None, api_key}:
        raise BadSignature
    start = (api_key + said).encode("utf-8", "surrogatepass")
    expected = [hashlib.sha256(start + key).hexdigest().encode() for key in keys]
    if not is_one_of(sign, expected):
        raise BadSignature


MANGO = SourceKind(
    name="mango",
    tells_one=True,
    settings=MangoSettings,
    trust=signed,
    verify=verify,
    parse=parse,
    mint_secret=mint_token,
    read_secret=plain_secret,
    silent_after_minutes=TELEPHONY_SILENT_AFTER_MINUTES,
)
