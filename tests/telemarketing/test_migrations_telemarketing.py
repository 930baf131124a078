"""The migrations make the tables that the code declares."""

import asyncio
import importlib

import asyncpg
import pytest

from conveyor.kit.migrations.drift import differences
from telemarketing.migrate import MIGRATIONS
from tests.servers import FreshDatabase

TABLES = ("calls", "handoffs", "leads", "meetings", "payments", "progress", "queue", "replies", "touches")


def test_the_tables_are_those_that_the_code_declares(fresh_database: FreshDatabase) -> None:
    for feature in TABLES:
        importlib.import_module(f"telemarketing.{feature}.tables")

    found = differences(fresh_database("telemarketing").migrator, packages=("telemarketing",))

    assert [one for one in found if "telemarketing" in repr(one)] == []


def test_every_place_of_migrations_is_there() -> None:
    assert [place for place in MIGRATIONS if not any(place.glob("*.py"))] == []


@pytest.mark.parametrize("statement", ["DROP TABLE telemarketing_leads", "CREATE TABLE more (id int)"])
def test_the_application_may_not_change_tables(fresh_database: FreshDatabase, statement: str) -> None:
    async def attempt() -> None:
        connection = await asyncpg.connect(fresh_database("telemarketing").app)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        asyncio.run(attempt())
