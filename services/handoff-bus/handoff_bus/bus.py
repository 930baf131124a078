"""The working parts of the running bus, as routes reach them."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from conveyor.kit.database import Database
from handoff_bus.deliveries.intake import Intake
from handoff_bus.settings import BusSettings
from handoff_bus.sources.book import SourceBook
from handoff_bus.sources.health.door_log import DoorLog


@dataclass(frozen=True, slots=True)
class Bus:
    """`main.py` builds one and hangs it on the application."""

    database: Database
    sources: SourceBook
    intake: Intake
    door: DoorLog
    public_url: str | None = None
    """How senders reach this service, such as `https://hooks.example.com`, if not by the address they ask for."""
    may_purge: bool = False
    """Whether this installation has a user of the broker who may purge."""
    settings: BusSettings | None = None
    """What the record of an erasure names is taken from here."""
    private_addresses_allowed: bool = False
    """Whether what the bus calls outside may lie in a private network."""


async def bus_of(request: Request) -> Bus:
    """The parts of the application that answers this request."""
    bus: Bus = request.app.state.bus
    return bus


TheBus = Annotated[Bus, Depends(bus_of)]
