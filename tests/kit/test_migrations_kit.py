"""Migrations of the kit: from nothing to what the code declares, twice without a change, one at a time."""

import asyncio
import shutil
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest

import conveyor.kit.access.tables
import conveyor.kit.messaging.tables
from conveyor.kit.ids import new_id
from conveyor.kit.migrations.drift import differences, new_revision
from conveyor.kit.migrations.run import KIT, upgrade
from conveyor_local.new_migration import new_migration
from tests.kit.messaging_line import eventually
from tests.servers import FreshDatabase


@pytest.fixture
def migrated(empty_database: FreshDatabase) -> tuple[str, str]:
    urls = empty_database("closing")
    upgrade(urls.migrator, [KIT])
    return urls.app, urls.migrator


class TestUpgrade:
    def test_makes_what_the_code_declares_and_can_run_again(self, migrated: tuple[str, str]) -> None:
        app, migrator = migrated

        upgrade(migrator, [KIT])

        assert conveyor.kit.messaging.tables.OutboxRow.__tablename__ == "outbox"
        assert differences(app, packages=["conveyor.kit"]) == []

    async def test_two_at_once_do_not_collide(self, empty_database: FreshDatabase) -> None:
        urls = empty_database("closing")

        await asyncio.gather(*[asyncio.to_thread(upgrade, urls.migrator, [KIT]) for _ in range(2)])

        assert await asyncio.to_thread(differences, urls.app, packages=["conveyor.kit"]) == []

    async def test_a_deadlock_with_the_traffic_is_tried_again(self, migrated: tuple[str, str], tmp_path: Path) -> None:
        app, migrator = migrated
        release = tmp_path / "release"
        shutil.copytree(KIT, release)
        expanding = new_migration(room="kit", message="expand", now=datetime.now(UTC), versions=release)
        statements = [f"ALTER TABLE {table} ADD COLUMN note text" for table in ("outbox", "inbox")]
        calls = "\n    ".join(f'op.execute("{statement}")' for statement in statements)
        expanding.write_text(expanding.read_text().replace('op.execute("")', calls, 1))
        traffic = await asyncpg.connect(app)
        transaction = traffic.transaction()
        await transaction.start()
        await traffic.execute("LOCK TABLE inbox IN ROW EXCLUSIVE MODE")

        migrating = asyncio.create_task(asyncio.to_thread(upgrade, migrator, [release]))
        await eventually(partial(_migration_waits, traffic))
        with suppress(asyncpg.DeadlockDetectedError):
            await traffic.execute("SELECT count(*) FROM outbox")
        await transaction.rollback()
        await migrating

        await traffic.execute("SELECT outbox.note, inbox.note FROM outbox, inbox")
        await traffic.close()

    async def test_the_application_owns_nothing_and_defines_nothing(self, migrated: tuple[str, str]) -> None:
        app, _ = migrated
        connection = await asyncpg.connect(app)

        owners = await connection.fetch("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")

        assert [row["tableowner"] for row in owners] == ["conveyor_closing_owner"]
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE mine (id int)")
        await connection.close()


async def _migration_waits(session: "asyncpg.Connection[Any]") -> bool:
    return bool(await session.fetch("SELECT FROM pg_locks WHERE relation = 'inbox'::regclass AND NOT granted"))


class TestPartitions:
    async def test_what_strayed_into_the_default_partition_moves(self, migrated: tuple[str, str]) -> None:
        app, _ = migrated
        connection = await asyncpg.connect(app)
        later = datetime(2041, 5, 17, tzinfo=UTC)
        stray = await connection.fetchval("SELECT first_event_id_of($1)", later)
        for event_id in (stray, new_id()):
            await connection.execute("INSERT INTO inbox VALUES ($1, ''::bytea, 1, now())", event_id)

        await connection.execute("SELECT make_partitions_ahead($1, 2)", later)

        rows = await connection.fetch("SELECT event_id, tableoid::regclass::text AS place FROM inbox")
        places = {row["event_id"]: row["place"] for row in rows}
        assert places[stray] == "inbox_2041_05"
        assert "inbox_default" not in places.values()
        await connection.close()


def test_a_new_revision_follows_the_head_of_its_branch(tmp_path: Path) -> None:
    first = tmp_path / "first.py"
    first.write_text(next(KIT.glob("*_create_kit.py")).read_text())

    made = new_revision(tmp_path, "expand outbox", locations=[tmp_path])

    assert made.name.endswith("_expand_outbox.py")
    assert "'kit_0001'" in made.read_text()
    assert "kit_0002" in made.read_text()
