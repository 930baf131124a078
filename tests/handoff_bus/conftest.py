"""A bus for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.handoff_bus.bus_at_work import BusAtWork, bus_at_work
from tests.servers import FreshDatabase


@pytest.fixture
async def bus(fresh_database: FreshDatabase) -> AsyncIterator[BusAtWork]:
    async with bus_at_work(fresh_database("handoff-bus").app) as made:
        yield made
