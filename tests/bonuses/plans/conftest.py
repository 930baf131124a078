"""Planners of each stage over the golden quarter."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from conveyor.bonuses.engine.lines import BonusRole
from tests.bonuses.conftest import NewBooks
from tests.bonuses.plans.planning import Planner, planning
from tests.bonuses.quarter import golden_quarter

NewPlanner = Callable[[BonusRole], Awaitable[Planner]]


@pytest.fixture
async def new_planner(new_books: NewBooks, tmp_path: Path) -> AsyncIterator[NewPlanner]:
    """Makes the room of a role in which the golden quarter happened; nothing is closed."""
    async with AsyncExitStack() as stack:

        async def make(role: BonusRole) -> Planner:
            books = await new_books(role)
            await books.hear(golden_quarter(calls=role == "sdr").events)
            return await stack.enter_async_context(planning(books, role, tmp_path))

        yield make
