"""Kind `asterisk`: the pusher in `deploy/asterisk` signs what it sends as kind `standard` does; a person uploads."""

from handoff_bus.sources.kinds.asterisk.parse import AsteriskSettings, parse
from handoff_bus.sources.kinds.kind import TELEPHONY_SILENT_AFTER_MINUTES, SourceKind, signed
from handoff_bus.sources.kinds.standard.verify import mint_secret, read_secret, verify


def whole(file: bytes) -> tuple[bytes]:
    """An uploaded file is one delivery of many calls: which records are one call is seen in the whole of it."""
    return (file,)


ASTERISK = SourceKind(
    name="asterisk",
    settings=AsteriskSettings,
    trust=signed,
    verify=verify,
    parse=parse,
    mint_secret=mint_secret,
    read_secret=read_secret,
    split=whole,
    keeps_unreadable=False,
    redacted_headers=frozenset({"webhook-signature"}),
    silent_after_minutes=TELEPHONY_SILENT_AFTER_MINUTES,
)
