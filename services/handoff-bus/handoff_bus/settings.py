"""Settings of the bus."""

from pydantic import SecretStr

from conveyor.kit.settings import ServiceSettings


class BusSettings(ServiceSettings):
    """As every service's; variables may be called `CONVEYOR_HANDOFF_BUS_…`."""

    service: str = "handoff-bus"
    port: int = 8100
    public_url: str | None = None
    """How senders of webhooks reach this service from outside, scheme and host; some of them sign it."""
    eraser_nats_password: SecretStr | None = None
    """Of the broker's user `eraser`, who may purge and nothing else; without it nobody can be erased."""
