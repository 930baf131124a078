"""Statements asked of the driver itself: they belong to the session's transaction like every other."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from asyncpg.transaction import Transaction
from sqlalchemy import ARRAY, BigInteger, bindparam, column, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.clock import SystemClock
from conveyor.kit.database import Database, DatabaseBusy
from conveyor.kit.direct import Direct
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.tables import MessageAttempt
from conveyor.kit.migrations.run import KIT, upgrade
from tests.servers import FreshDatabase

INSERT = Direct(
    """
    INSERT INTO message_attempts (event_id, attempts, first_failed_at, last_failed_at)
    VALUES (:id, 1, :now, :now) RETURNING attempts
    """
)
COUNT = Direct(select(func.count().label("rows")).select_from(MessageAttempt))


@pytest.fixture
async def database(empty_database: FreshDatabase) -> AsyncIterator[Database]:
    urls = empty_database("telemarketing")
    await asyncio.to_thread(upgrade, urls.migrator, [KIT])
    made = Database(urls.app, service="telemarketing", clock=SystemClock())
    yield made
    await made.close()


async def count(session: AsyncSession) -> int:
    return int((await COUNT.first(session)).rows)


async def test_rows_are_named_and_a_list_is_one_value(database: Database) -> None:
    numbers = func.unnest(bindparam("numbers", type_=ARRAY(BigInteger()))).table_valued(column("number"), name="given")
    statement = Direct(select(numbers.render_derived().c.number, text("'odd' AS sort")).where(text("number % 2 = 1")))
    async with database.reading() as session:
        rows = await statement.rows(session, numbers=[1, 2, 3])
        assert [(row.number, row.sort) for row in rows] == [(1, "odd"), (3, "odd")]
        assert await statement.rows(session, numbers=[]) == []
        assert await statement.first(session, numbers=[2]) is None


async def test_json_comes_parsed_and_goes_as_text(database: Database) -> None:
    told = Direct('SELECT CAST(:told AS jsonb) AS "told", NULL::jsonb AS nothing')
    async with database.reading() as session:
        row = await told.first(session, told='{"amounts": [1, 2]}')
        assert (row.told, row.nothing) == ({"amounts": [1, 2]}, None)


async def test_a_literal_of_a_select_stays_what_it_was(database: Database) -> None:
    wanted = select(MessageAttempt.attempts).where(MessageAttempt.attempts.in_((2, 3)))
    statement = Direct(wanted.order_by(MessageAttempt.attempts.desc()).limit(1))
    async with database.transaction() as tx:
        for attempts in (1, 2, 3):
            row = MessageAttempt(event_id=new_id(), attempts=attempts, first_failed_at=tx.now, last_failed_at=tx.now)
            tx.session.add(row)
        assert [row.attempts for row in await statement.rows(tx.session)] == [3]


async def test_a_missing_value_is_named(database: Database) -> None:
    async with database.reading() as session:
        with pytest.raises(KeyError, match="id"):
            await INSERT.rows(session, now=datetime.now(UTC))


async def test_what_is_written_first_of_all_is_undone_with_the_transaction(database: Database) -> None:
    async with database.transaction() as tx:
        await INSERT.rows(tx.session, id=new_id(), now=tx.now)
        assert await count(tx.session) == 1
    async with database.transaction() as tx:
        assert await count(tx.session) == 0
        await INSERT.rows(tx.session, id=new_id(), now=tx.now)
        await tx.commit()
    async with database.reading() as session:
        assert await count(session) == 1


async def test_a_session_that_goes_on_after_its_commit_begins_anew(database: Database) -> None:
    async with database.transaction() as tx:
        await INSERT.rows(tx.session, id=new_id(), now=tx.now)
        await tx.session.commit()
        await INSERT.rows(tx.session, id=new_id(), now=tx.now)
        await tx.session.rollback()
        assert await count(tx.session) == 1


async def test_a_beginning_that_is_cut_off_takes_nobody_elses_commit_away(
    empty_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The server has begun, its answer never came: whoever gets this connection next would write into that transaction.
    urls = empty_database("telemarketing")
    await asyncio.to_thread(upgrade, urls.migrator, [KIT])
    made, other = (Database(urls.app, service="telemarketing", clock=SystemClock(), pool_size=size) for size in (1, 2))
    async with made.reading() as session:
        assert await count(session) == 0
    begin = Transaction.start

    async def cut_off(self: Transaction) -> None:
        await begin(self)
        raise asyncio.CancelledError

    monkeypatch.setattr(Transaction, "start", cut_off)
    with pytest.raises(asyncio.CancelledError):
        async with made.transaction() as tx:
            await count(tx.session)
    monkeypatch.undo()

    async with made.transaction() as tx:
        await INSERT.rows(tx.session, id=new_id(), now=tx.now)
        await tx.commit()

    async with other.reading() as session:
        assert await count(session) == 1
    await made.close()
    await other.close()


async def test_objects_that_the_session_holds_back_are_seen(database: Database) -> None:
    async with database.transaction() as tx:
        kept = MessageAttempt(event_id=new_id(), attempts=1, first_failed_at=tx.now, last_failed_at=tx.now)
        tx.session.add(kept)
        assert await count(tx.session) == 1
        await tx.session.delete(kept)
        assert await count(tx.session) == 0


async def test_a_reading_session_writes_nothing_this_way_either(database: Database) -> None:
    with pytest.raises(DatabaseBusy):  # what a replica in a failover says: come again
        async with database.reading() as session:
            await INSERT.rows(session, id=new_id(), now=datetime.now(UTC))
