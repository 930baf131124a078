"""What a source of kind `hubspot` may be told."""

from pydantic import SecretStr

from handoff_bus.sources.kinds.inbound import InboundSettings

API_URL = "https://api.hubapi.com"


class HubspotSettings(InboundSettings):
    """`requires_v3` refuses the older signatures, which do not tell a repeated delivery from a stale one.

    `portal_id` is compared with what events name. `api_token` (of a private app) reads new contacts: an event carries
    only their id.
    """

    portal_id: int | None = None
    requires_v3: bool = False
    api_token: SecretStr | None = None
    api_url: str = API_URL
