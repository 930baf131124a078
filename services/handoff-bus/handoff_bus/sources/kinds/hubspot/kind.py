"""Kind `hubspot`. The secret is the client secret of the application."""

from handoff_bus.sources.formats.proofs import read_text
from handoff_bus.sources.kinds.hubspot.parse import complete, parse
from handoff_bus.sources.kinds.hubspot.settings import HubspotSettings
from handoff_bus.sources.kinds.hubspot.verify import verify
from handoff_bus.sources.kinds.kind import ProviderAnswer, SourceKind, signed
from handoff_bus.sources.kinds.request import RawRequest


def answer(_: RawRequest, __: HubspotSettings) -> ProviderAnswer:
    """Any success within five seconds; else HubSpot tries ten times in a day."""
    return ProviderAnswer(status=204, media_type=None)


HUBSPOT = SourceKind(
    name="hubspot",
    settings=HubspotSettings,
    trust=signed,
    verify=verify,
    parse=parse,
    complete=complete,
    answer=answer,
    mint_secret=None,
    read_secret=read_text,
    reads_url=True,
    redacted_headers=frozenset({"x-hubspot-signature", "x-hubspot-signature-v3"}),
)
