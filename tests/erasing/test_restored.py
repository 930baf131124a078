"""A database that was restored from a copy is known, and shows nobody until all erasures were heard again."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from conveyor.contracts.erasure import ErasureCarriedOut, ErasuresReapplied, LeadErased
from conveyor.erasing.restored import RestoreGate
from conveyor.kit.clock import SystemClock
from conveyor.kit.database import Database
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.events import WaitsFor
from tests.erasing.heard import eraser, hear, said
from tests.servers import FreshDatabase


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> AsyncIterator[Database]:
    made = Database(fresh_database("account").app, service="account", clock=SystemClock())
    yield made
    await made.close()


async def _restore(database: Database) -> None:
    """As a copy stands: the place that is written down is another one."""
    async with database.transaction() as tx:
        await tx.session.execute(text("UPDATE erasures_place SET place = 'elsewhere'"))
        await tx.commit()


async def test_a_new_database_is_open_and_stays_so_after_a_restart(database: Database) -> None:
    assert [await RestoreGate(database).is_open() for _ in range(2)] == [True, True]


async def test_a_copy_is_closed_until_every_erasure_was_heard_again(database: Database) -> None:
    assert await RestoreGate(database).is_open()
    await _restore(database)
    gate = RestoreGate(database)
    first, second = (LeadErased(erasure_id=new_id(), lead_id=new_id()) for _ in range(2))
    end = ErasuresReapplied(reapplication_id=new_id(), erasures=2, newest_id=second.erasure_id)
    assert not await gate.is_open()

    with pytest.raises(WaitsFor):
        await hear(database, end)
    await hear(database, first)
    with pytest.raises(WaitsFor):
        await hear(database, end)
    assert not await gate.is_open()
    await hear(database, second)
    await hear(database, end)

    assert await gate.is_open()
    assert await RestoreGate(database).is_open()


async def test_an_empty_record_opens_it(database: Database) -> None:
    assert await RestoreGate(database).is_open()
    await _restore(database)

    await hear(database, ErasuresReapplied(reapplication_id=new_id(), erasures=0, newest_id=None))

    assert await RestoreGate(database).is_open()


async def test_what_was_carried_out_before_is_only_told_again(database: Database) -> None:
    fact = LeadErased(erasure_id=new_id(), lead_id=new_id())
    await hear(database, fact)
    await hear(database, fact)
    assert await said(database, ErasureCarriedOut) == []
    assert await eraser(database).once() == 1

    await hear(database, fact)

    assert [told.is_repeated for told in await said(database, ErasureCarriedOut)] == [False, True]
