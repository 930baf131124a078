"""Fills the databases of a system with a department of a size.

A department grows in both ways at once: more people, and a longer past. A telemarketer gets a hundred leads a month
whatever the size, so that what one person has of one month is the same at every size, and everything else is not.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from conveyor_local.databases import usual_name
from conveyor_local.places import place_of
from conveyor_local.postgres import SUPERUSER
from conveyor_local.stack import LocalStack

LEADS_OF_A_MONTH = 100
SQL = Path(__file__).parent
# What is filled in each database, and whose journal it keeps.
_FILES = {
    "telemarketing": ("grown", "people", "telemarketing", "bonuses"),
    "closing": ("grown", "people", "closing", "inbox", "bonuses"),
    "account": ("grown", "people", "account", "inbox", "bonuses"),
    "handoff-bus": ("grown", "handoff-bus"),
}
_ROLES = {"telemarketing": "sdr", "closing": "ae", "account": "am", "handoff-bus": ""}
# Nothing is lost when a run is cut short: it begins anew. Rows go in without checks of keys that are right by making.
_FAST = """
    SET session_replication_role = replica; SET synchronous_commit = off;
    SET work_mem = '256MB'; SET maintenance_work_mem = '256MB'; SET temp_buffers = '256MB';
"""


@dataclass(frozen=True, slots=True)
class Extent:
    """How large a department is: telemarketers, half as many of the others, and months of past."""

    people: int
    months: int

    @property
    def leads(self) -> int:
        """How many leads it has."""
        return self.people * self.months * LEADS_OF_A_MONTH


async def fill(stack: LocalStack, extent: Extent) -> None:
    """All databases side by side, with fresh statistics at the end. No service runs yet."""
    await asyncio.gather(*(_fill(stack, service, extent) for service in _FILES))
    checking = await asyncpg.connect(stack.postgres.admin_url)
    await checking.execute("CHECKPOINT")
    await checking.close()


async def _fill(stack: LocalStack, service: str, extent: Extent) -> None:
    session = await owner_session(stack, service)
    try:
        await session.execute(_FAST)
        await session.execute("CREATE TEMP TABLE wanted (people int, months int)")
        await session.execute("INSERT INTO wanted VALUES ($1, $2)", extent.people, extent.months)
        await session.execute("CREATE TEMP TABLE stage (role text)")
        await session.execute("INSERT INTO stage VALUES ($1)", _ROLES[service])
        for name in _FILES[service]:
            await session.execute((SQL / f"{name}.sql").read_text())
        await session.execute("VACUUM (ANALYZE)")
    finally:
        await session.close()


async def owner_session(stack: LocalStack, service: str) -> "asyncpg.Connection[asyncpg.Record]":
    """A superuser's session in the service's database."""
    postgres = stack.postgres
    return await asyncpg.connect(
        postgres.url(database=usual_name(place_of(service)), user=SUPERUSER, password=postgres.password)
    )
