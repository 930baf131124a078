"""A bus that may call loopback, and a receiver there."""

from collections.abc import AsyncIterator

import pytest

from tests.handoff_bus.bus_at_work import BusAtWork, bus_at_work
from tests.handoff_bus.outbound.receivers import Receiver, receiver_at_work
from tests.servers import FreshDatabase


@pytest.fixture
async def bus(fresh_database: FreshDatabase) -> AsyncIterator[BusAtWork]:
    async with bus_at_work(fresh_database("handoff-bus").app, outbound_private_addresses=True) as made:
        yield made


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiver_at_work() as made:
        yield made
