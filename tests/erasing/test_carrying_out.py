"""When an erasure is carried out: not before what began earlier has ended, and after any crash in between."""

from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from sqlalchemy import text

from conveyor.contracts.envelope import Envelope
from conveyor.contracts.erasure import ErasureCarriedOut, LeadErased
from conveyor.contracts.registry import read_fact
from conveyor.erasing.carry_out import Eraser
from conveyor.erasing.listeners import listen
from conveyor.erasing.steps import Steps, sql
from conveyor.kit.clock import SystemClock
from conveyor.kit.database import Database
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.events import Listeners
from tests.handoff_bus.bus_at_work import event_of
from tests.servers import FreshDatabase

STEPS: Steps = {
    "lead": (
        sql(
            "clients",
            "UPDATE clients SET company_name = :pseudonym WHERE lead_id = :lead_id AND company_name <> :pseudonym",
        ),
    )
}
_CLIENT = text(
    """
    INSERT INTO clients (lead_id, handoff_id, company_name, opened_at, revision, recorded_at)
    VALUES (:lead_id, :lead_id, 'Romashka', now(), 1, now())
    """
)


class Reader:
    """Says whether everything in the stream was handled."""

    def __init__(self) -> None:
        self.is_done = True

    async def caught_up(self, *, seconds_max: float) -> bool:
        assert seconds_max > 0
        return self.is_done


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> AsyncIterator[Database]:
    made = Database(fresh_database("account").app, service="account", clock=SystemClock())
    yield made
    await made.close()


async def _hear(database: Database, fact: LeadErased) -> None:
    listeners = Listeners()
    listen(listeners, steps=STEPS)
    event = event_of(fact, at=database.clock.now())
    async with database.transaction() as tx:
        for handler in listeners.of(event.kind, event.service):
            await handler(tx, event)
        await tx.commit()


def _eraser(database: Database, reader: Reader) -> Eraser:
    return Eraser(database, consumer=cast("Any", reader), steps=STEPS)


async def _said(database: Database) -> list[ErasureCarriedOut]:
    async with database.reading() as session:
        bodies = (await session.scalars(text("SELECT body FROM outbox ORDER BY id"))).all()
    facts = [read_fact(Envelope.model_validate_json(body)) for body in bodies]
    return [fact for fact in facts if isinstance(fact, ErasureCarriedOut)]


async def _name(database: Database) -> str:
    async with database.reading() as session:
        return str(await session.scalar(text("SELECT company_name FROM clients")))


async def test_what_an_earlier_transaction_brings_is_erased_before_it_is_confirmed(database: Database) -> None:
    fact = LeadErased(erasure_id=new_id(), lead_id=new_id())
    eraser = _eraser(database, Reader())
    async with database.transaction() as early:
        await early.session.execute(_CLIENT, {"lead_id": fact.lead_id})
        await _hear(database, fact)
        assert await eraser.once() == 0
        assert await _said(database) == []
        await early.commit()
    assert await _name(database) == "Romashka"

    assert await eraser.once() == 1

    assert await _name(database) == f"erased {str(fact.lead_id)[-12:]}"
    assert [(each.erasure_id, each.erased[0].what) for each in await _said(database)] == [(fact.erasure_id, "clients")]


async def test_nothing_is_confirmed_while_the_stream_is_not_read(database: Database) -> None:
    reader = Reader()
    reader.is_done = False
    await _hear(database, LeadErased(erasure_id=new_id(), lead_id=new_id()))
    eraser = _eraser(database, reader)
    assert await eraser.once() == 0

    reader.is_done = True

    assert await eraser.once() == 1


async def test_another_process_goes_on_after_a_crash_and_confirms_once(database: Database) -> None:
    fact = LeadErased(erasure_id=new_id(), lead_id=new_id())
    await _hear(database, fact)
    await _hear(database, fact)

    assert [await _eraser(database, Reader()).once() for _ in range(2)] == [1, 0]

    assert len(await _said(database)) == 1
