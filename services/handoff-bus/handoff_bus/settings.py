"""Settings of the bus."""

from typing import Annotated

from pydantic import Field, SecretStr

from conveyor.kit.settings import ServiceSettings


class BusSettings(ServiceSettings):
    """As every service's; variables may be called `CONVEYOR_HANDOFF_BUS_…`."""

    service: str = "handoff-bus"
    port: int = 8100
    public_url: str | None = None
    """How senders of webhooks reach this service from outside, scheme and host; some of them sign it."""
    eraser_nats_password: SecretStr | None = None
    """Of the broker's user `eraser`, who may purge and nothing else; without it nobody can be erased."""
    outbound_private_addresses: bool = False
    """Let subscriptions and write-backs lead to loopback and private networks, and by plain http: a CRM in the own
    house, or a machine that is tried out. Link-local and metadata addresses stay closed."""
    raw_delivery_days: Annotated[int, Field(ge=1)] = 90
    """For how many days headers and bodies of settled deliveries are kept."""
