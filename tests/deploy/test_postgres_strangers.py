"""Each service's role against every table there is: rows of its own, nothing of others, no definitions, no way out."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from conveyor_local.databases import DatabaseUrls
from conveyor_local.places import SERVICE_PLACES
from tests.servers import FreshDatabase, PostgresForTests

TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
PACKAGES = tuple(place.package for place in SERVICE_PLACES)
WAYS_OUT = (
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY (SELECT 1) TO '/tmp/out'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT * FROM pg_authid",
    "SELECT * FROM pg_shadow",
    "ALTER SYSTEM SET log_statement = 'none'",
    "CREATE DATABASE mine",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "SET session_replication_role = 'replica'",
)
DEFINITIONS = (
    "TRUNCATE {0}",
    "DROP TABLE {0}",
    "ALTER TABLE {0} ADD COLUMN mine int",
    "ALTER TABLE {0} DISABLE TRIGGER ALL",
)
GROWING_ONLY = frozenset(
    {
        "bonus_calls",
        "bonus_closed_periods",
        "bonus_entries",
        "bonus_facts",
        "bonus_payout_documents",
        "bonus_payout_file_chunks",
        "bonus_payout_files",
        "bonus_payout_rejected_lines",
        "bonus_payout_rows",
        "bonus_plan_drafts",
        "bonus_plan_publications",
        "bonus_plan_versions",
        "bonus_quotas",
        "bonus_statements",
    }
)


@pytest.fixture(params=[place.name for place in SERVICE_PLACES])
async def own(request: pytest.FixtureRequest, fresh_database: FreshDatabase) -> AsyncIterator[asyncpg.Connection]:
    link = await asyncpg.connect(fresh_database(request.param).app)
    yield link
    await link.close()


async def denied(link: asyncpg.Connection, statement: str) -> bool:
    try:
        await link.execute(statement)
    except asyncpg.InsufficientPrivilegeError:
        return True
    return False


async def test_it_reads_every_table_of_its_own_and_defines_none(own: asyncpg.Connection) -> None:
    tables = [row["relname"] for row in await own.fetch(TABLES)]

    unread = [table for table in tables if await denied(own, f'TABLE "{table}" LIMIT 1')]
    defined = [
        statement
        for table in tables
        for definition in DEFINITIONS
        if not await denied(own, statement := definition.format(f'"{table}"'))
    ]

    assert len(tables) > 10
    assert set(unread) <= {"alembic_version"}
    assert defined == []


async def test_what_only_grows_is_neither_changed_nor_deleted(own: asyncpg.Connection) -> None:
    tables = {row["relname"] for row in await own.fetch(TABLES)}
    changes = (
        "SELECT relname FROM pg_class WHERE relname = any($1::name[])"
        " AND has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE')"
    )

    assert not await own.fetch(changes, sorted(tables & GROWING_ONLY))
    assert tables & GROWING_ONLY or "bonus_entries" not in tables


async def test_it_does_not_get_out_of_its_database(own: asyncpg.Connection) -> None:
    assert [statement for statement in WAYS_OUT if not await denied(own, statement)] == []


async def test_it_ends_nobody_elses_session(own: asyncpg.Connection, postgres: PostgresForTests) -> None:
    elses = await asyncpg.connect(postgres.admin_url)
    try:
        assert await denied(own, f"SELECT pg_terminate_backend({elses.get_server_pid()})")
    finally:
        await elses.close()


@pytest.mark.parametrize("stranger", PACKAGES)
@pytest.mark.parametrize("role", ["app", "migrator"])
async def test_nobody_enters_the_database_of_another(
    postgres: PostgresForTests, strangers_databases: dict[str, DatabaseUrls], stranger: str, role: str
) -> None:
    for package, urls in strangers_databases.items():
        if package != stranger:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await asyncpg.connect(postgres.url(urls.app.rpartition("/")[2], f"conveyor_{stranger}_{role}"))


@pytest.fixture
def strangers_databases(empty_database: FreshDatabase) -> dict[str, DatabaseUrls]:
    return {place.package: empty_database(place.name) for place in SERVICE_PLACES}
