"""The roles of deploy/postgres, applied to the real server: what the service's own role may not do."""

import asyncpg
import pytest

from conveyor_local.databases import DatabaseUrls
from tests.servers import FreshDatabase, PostgresForTests

DDL = (
    "CREATE TABLE mine (id int)",
    "CREATE SCHEMA mine",
    "CREATE TEMPORARY TABLE mine (id int)",
    "ALTER TABLE things ADD COLUMN more int",
    "DROP TABLE things",
    "TRUNCATE things",
    "CREATE ROLE mine",
    "SET ROLE conveyor_closing_owner",
)


@pytest.fixture
async def closing(empty_database: FreshDatabase) -> DatabaseUrls:
    urls = empty_database("closing")
    migrator = await asyncpg.connect(urls.migrator)
    try:
        await migrator.execute("CREATE TABLE things (id bigint GENERATED ALWAYS AS IDENTITY, name text)")
    finally:
        await migrator.close()
    return urls


async def test_what_the_migrator_makes_belongs_to_the_owner(closing: DatabaseUrls) -> None:
    app = await asyncpg.connect(closing.app)
    try:
        owner = await app.fetchval("SELECT tableowner FROM pg_tables WHERE tablename = 'things'")
    finally:
        await app.close()

    assert owner == "conveyor_closing_owner"


async def test_the_app_role_changes_rows(closing: DatabaseUrls) -> None:
    app = await asyncpg.connect(closing.app)
    try:
        await app.execute("INSERT INTO things (name) VALUES ('one')")
        await app.execute("UPDATE things SET name = 'two'")
        names = await app.fetchval("SELECT array_agg(name) FROM things")
        await app.execute("DELETE FROM things")
    finally:
        await app.close()

    assert names == ["two"]


@pytest.mark.parametrize("statement", DDL)
async def test_the_app_role_defines_nothing(closing: DatabaseUrls, statement: str) -> None:
    app = await asyncpg.connect(closing.app)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(statement)
    finally:
        await app.close()


@pytest.mark.parametrize("role", ["app", "migrator"])
async def test_no_role_enters_the_database_of_another_service(
    postgres: PostgresForTests, empty_database: FreshDatabase, role: str
) -> None:
    foreign = empty_database("account").app.rpartition("/")[2]

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(postgres.url(foreign, f"conveyor_closing_{role}"))


async def test_a_wrong_password_is_refused(closing: DatabaseUrls) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(closing.app, password="guessed")


async def test_applying_the_roles_again_changes_nothing(postgres: PostgresForTests, closing: DatabaseUrls) -> None:
    place = next(place for place in postgres.passwords if place == "closing")

    postgres.create_database(closing.app.rpartition("/")[2], place)

    app = await asyncpg.connect(closing.app)
    await app.close()
