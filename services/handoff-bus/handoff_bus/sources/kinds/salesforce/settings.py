"""What a source of kind `salesforce` may be told."""

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from handoff_bus.sources.kinds.inbound import InboundSettings


def _is_network(network: str) -> str:
    ipaddress.ip_network(network, strict=False)
    return network


Network = Annotated[str, AfterValidator(_is_network)]


class SalesforceSettings(InboundSettings):
    """`networks` are the addresses (CIDR) that messages may come from.

    `url_token` is asked for as `?token=` in the endpoint's address: the organization's id is known to many.
    """

    networks: Annotated[tuple[Network, ...], Field(max_length=100)] = ()
    url_token: SecretStr | None = None
