"""Kind `standard`: the Standard Webhooks signature over the bodies that the outside surface describes."""

from handoff_bus.sources.kinds.kind import SourceKind, SourceSettings, signed
from handoff_bus.sources.kinds.standard.parse import parse
from handoff_bus.sources.kinds.standard.verify import mint_secret, read_secret, verify


class StandardSettings(SourceSettings):
    """None: everything is said by the format."""


STANDARD = SourceKind(
    name="standard",
    tells_one=True,
    settings=StandardSettings,
    trust=signed,
    verify=verify,
    parse=parse,
    mint_secret=mint_secret,
    read_secret=read_secret,
    keeps_unreadable=False,
    redacted_headers=frozenset({"webhook-signature"}),
)
