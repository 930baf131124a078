"""The room's migrations make what its code declares, and bring the standard plans."""

import asyncio

from conveyor.bonuses.plans.standard import STANDARD_PLANS
from conveyor.bonuses.plans.terms import published_versions
from conveyor.kit.migrations.drift import differences
from tests.bonuses.conftest import NewBooks


async def test_tables_are_those_of_the_code(new_books: NewBooks) -> None:
    books = await new_books("ae")
    packages = ["conveyor.kit", "conveyor.roster", "conveyor.bonuses"]
    assert await asyncio.to_thread(differences, books.database.url, packages=packages) == []


async def test_the_standard_plans_are_there(new_books: NewBooks) -> None:
    books = await new_books("am")
    async with books.database.reading() as session:
        for role, plan in STANDARD_PLANS.items():
            assert await published_versions(session, role=role) == [plan]
