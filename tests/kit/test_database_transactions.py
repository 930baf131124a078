"""Transactions: idempotent requests, read-only sessions, a database that goes away and comes back."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from conveyor.kit.clock import SystemClock
from conveyor.kit.context import IdempotencyClaim, RequestContext, use_context
from conveyor.kit.database import (
    Database,
    DatabaseBusy,
    DatabaseUnavailable,
    IdempotencyKeyReused,
    IdempotentReplay,
    lock,
)
from conveyor.kit.messaging.upkeep import Upkeep
from conveyor.kit.migrations.run import KIT, upgrade
from tests.kit.messaging_line import touch
from tests.servers import FreshDatabase, PostgresForTests


class View(BaseModel):
    number: int


@pytest.fixture
async def database(empty_database: FreshDatabase) -> AsyncIterator[Database]:
    urls = empty_database("telemarketing")
    await asyncio.to_thread(upgrade, urls.migrator, [KIT])
    made = Database(urls.app, service="telemarketing", clock=SystemClock())
    yield made
    await made.close()


def request(*, key: str = "k", body: bytes = b"one", principal: str = "sdr:1") -> RequestContext:
    claim = IdempotencyClaim(key=key, principal=principal, request_hash=body, status=201)
    return RequestContext(actor=principal, idempotency=claim)


async def do(database: Database, context: RequestContext, answer: View | None) -> View | None:
    with use_context(context):
        async with database.transaction() as tx:
            tx.say(touch())
            return await tx.commit(answer)


async def said(database: Database) -> int:
    async with database.reading() as session:
        return int((await session.execute(text("SELECT count(*) FROM outbox"))).scalar_one())


class TestIdempotency:
    async def test_the_same_request_gets_the_first_answer_and_does_nothing(self, database: Database) -> None:
        await do(database, request(), View(number=7))

        with pytest.raises(IdempotentReplay) as replay:
            await do(database, request(), View(number=8))

        assert (replay.value.status, replay.value.answer) == (201, {"number": 7})
        assert await said(database) == 1

    async def test_an_answer_without_content_is_replayed_as_such(self, database: Database) -> None:
        await do(database, request(), None)

        with pytest.raises(IdempotentReplay) as replay:
            await do(database, request(), None)

        assert (replay.value.status, replay.value.body) == (204, None)

    async def test_another_request_under_the_key_is_refused(self, database: Database) -> None:
        await do(database, request(), None)

        with pytest.raises(IdempotencyKeyReused):
            await do(database, request(body=b"two"), None)

    async def test_another_caller_has_his_own_keys(self, database: Database) -> None:
        await do(database, request(), None)

        await do(database, request(principal="sdr:2"), None)

        assert await said(database) == 2

    async def test_a_rolled_back_request_may_be_done_again(self, database: Database) -> None:
        with use_context(request()):
            async with database.transaction() as tx:
                tx.say(touch())

        await do(database, request(), None)

        assert await said(database) == 1

    async def test_of_many_at_once_one_does_it(self, database: Database) -> None:
        tries = [do(database, request(), View(number=n)) for n in range(8)]

        answers = await asyncio.gather(*tries, return_exceptions=True)

        assert len([answer for answer in answers if isinstance(answer, View)]) == 1
        assert len([answer for answer in answers if isinstance(answer, IdempotentReplay)]) == 7
        assert await said(database) == 1

    async def test_a_second_transaction_of_the_request_is_no_repetition(self, database: Database) -> None:
        with use_context(request()):
            async with database.transaction() as tx:
                await tx.commit(View(number=1))
            async with database.transaction() as tx:
                tx.say(touch())
                await tx.commit()

        assert await said(database) == 1

    async def test_old_keys_are_forgotten(self, database: Database) -> None:
        await do(database, request(), None)
        async with database.transaction() as tx:
            await tx.session.execute(text("UPDATE idempotency_keys SET created_at = now() - interval '73 hours'"))
            await tx.commit()

        await Upkeep(database).once()

        await do(database, request(body=b"two"), None)
        assert await said(database) == 2


class TestTrouble:
    async def test_a_reading_session_cannot_write(self, database: Database) -> None:
        with pytest.raises(DatabaseBusy):
            async with database.reading() as session:
                await session.execute(text("DELETE FROM outbox"))

    async def test_a_mistake_in_sql_stays_a_mistake(self, database: Database) -> None:
        with pytest.raises(DBAPIError):
            async with database.reading() as session:
                await session.execute(text("SELECT nonsense"))

    async def test_a_deadlock_is_named_busy(self, database: Database) -> None:
        first_has, second_has = asyncio.Event(), asyncio.Event()

        async def take(one: str, other: str, mine: asyncio.Event, theirs: asyncio.Event) -> None:
            async with database.transaction() as tx:
                await lock(tx, one)
                mine.set()
                await theirs.wait()
                await lock(tx, other)

        both = [take("a", "b", first_has, second_has), take("b", "a", second_has, first_has)]
        results = await asyncio.gather(*both, return_exceptions=True)

        assert [type(result) for result in results if result is not None] == [DatabaseBusy]

    async def test_killed_connections_are_replaced_without_a_restart(
        self, database: Database, postgres: PostgresForTests
    ) -> None:
        await asyncio.gather(*[said(database) for _ in range(5)])
        admin = await asyncpg.connect(postgres.admin_url)
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'conveyor-telemarketing'"
        )
        await admin.close()

        answers = await asyncio.gather(*[said(database) for _ in range(5)], return_exceptions=True)

        assert all(answer == 0 or isinstance(answer, DatabaseUnavailable) for answer in answers)
        assert await said(database) == 0

    async def test_a_server_that_is_not_there_is_named(self) -> None:
        nowhere = Database("postgresql://u:p@127.0.0.1:9/none", service="telemarketing", clock=SystemClock())

        with pytest.raises(DatabaseUnavailable):
            async with nowhere.transaction() as tx:
                await tx.session.execute(text("SELECT 1"))

        await nowhere.close()


async def test_work_before_commit_may_be_done_early_and_asked_for_again(database: Database) -> None:
    done: list[str] = []
    async with database.transaction() as tx:

        async def work(_: object) -> None:
            done.append("work")

        tx.once_before_commit("sum", work)
        tx.once_before_commit("sum", work)
        await tx.work_off()
        done.append("between")
        tx.once_before_commit("sum", work)
        await tx.commit()
    assert done == ["work", "between", "work"]
