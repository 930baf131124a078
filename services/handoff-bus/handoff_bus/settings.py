"""Settings of the bus."""

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr

from conveyor.kit.passwords import Password, password_from
from conveyor.kit.settings import ServiceSettings
from handoff_bus.erasures.parties import Label, Party


def _nothing(value: Any) -> Any:  # noqa: ANN401 - whatever was given
    # A variable that is set and empty says nothing, as one that is not set.
    return None if isinstance(value, str) and not value.strip() else value


def _parsed(value: Any) -> Any:  # noqa: ANN401 - whatever was given
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value.strip() else ()
    except ValueError:
        msg = 'must be JSON, such as [{"name": "…", "address": "…"}]'
        raise ValueError(msg) from None


SaidOrNot = Annotated[Label | None, BeforeValidator(_nothing)]


class BusSettings(ServiceSettings):
    """As every service's; variables may be called `CONVEYOR_HANDOFF_BUS_…`."""

    service: str = "handoff-bus"
    port: int = 8100
    public_url: str | None = None
    """How senders of webhooks reach this service from outside, scheme and host; some of them sign it."""
    eraser_nats_password: SecretStr | None = None
    """Of the broker's user `eraser`, who may purge and nothing else; without it nobody can be erased."""
    eraser_nats_password_file: Path | None = None
    """Instead of it: read at each connection, so that it may change."""

    outbound_private_addresses: bool = False
    """Let subscriptions, write-backs and APIs that are asked back lead to loopback and private networks, and by plain
    http: a CRM in the own house, or a machine that is tried out. Link-local and metadata addresses stay closed."""
    raw_delivery_days: Annotated[int, Field(ge=1)] = 90
    """For how many days headers and bodies of settled deliveries are kept."""
    operator_name: SaidOrNot = None
    """Who answers for personal data before the law: named in the record of each erasure, with `operator_address`.
    While one of these four is missing, nobody can be erased."""
    operator_address: SaidOrNot = None
    responsible_name: SaidOrNot = None
    """The person who destroys personal data for the operator and signs the act; an order may name another."""
    responsible_position: SaidOrNot = None
    personal_data_system: Label = "Conveyor"
    """What the operator's papers call this information system of personal data."""
    processors: Annotated[tuple[Party, ...], BeforeValidator(_parsed)] = ()
    """Who processes the data on the operator's behalf, such as a hoster: JSON, `[{"name": …, "address": …}]`."""

    @property
    def eraser_credential(self) -> Password | None:
        """The password of `eraser`, if it was given in either way."""
        return password_from(self.eraser_nats_password_file, self.eraser_nats_password)
