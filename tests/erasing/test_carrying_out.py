"""When an erasure is carried out: not before what began earlier has ended, and after any crash in between."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from conveyor.contracts.erasure import ErasureCarriedOut, LeadErased
from conveyor.kit.clock import SystemClock
from conveyor.kit.database import Database
from conveyor.kit.ids import new_id
from tests.erasing.heard import Reader, eraser, hear, said
from tests.servers import FreshDatabase

_CLIENT = text(
    """
    INSERT INTO clients (lead_id, handoff_id, company_name, opened_at, revision, recorded_at)
    VALUES (:lead_id, :lead_id, 'Romashka', now(), 1, now())
    """
)


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> AsyncIterator[Database]:
    made = Database(fresh_database("account").app, service="account", clock=SystemClock())
    yield made
    await made.close()


async def _name(database: Database) -> str:
    async with database.reading() as session:
        return str(await session.scalar(text("SELECT company_name FROM clients")))


async def test_what_an_earlier_transaction_brings_is_erased_before_it_is_confirmed(database: Database) -> None:
    fact = LeadErased(erasure_id=new_id(), lead_id=new_id())
    worker = eraser(database, Reader())
    async with database.transaction() as early:
        await early.session.execute(_CLIENT, {"lead_id": fact.lead_id})
        await hear(database, fact)
        assert await worker.once() == 0
        assert await said(database, ErasureCarriedOut) == []
        await early.commit()
    assert await _name(database) == "Romashka"

    assert await worker.once() == 1

    assert await _name(database) == f"erased {str(fact.lead_id)[-12:]}"
    assert [(each.erasure_id, each.erased[0].what) for each in await said(database, ErasureCarriedOut)] == [
        (fact.erasure_id, "clients")
    ]


async def test_nothing_is_confirmed_while_the_stream_is_not_read(database: Database) -> None:
    reader = Reader()
    reader.is_done = False
    await hear(database, LeadErased(erasure_id=new_id(), lead_id=new_id()))
    worker = eraser(database, reader)
    assert await worker.once() == 0

    reader.is_done = True

    assert await worker.once() == 1


async def test_another_process_goes_on_after_a_crash_and_confirms_once(database: Database) -> None:
    fact = LeadErased(erasure_id=new_id(), lead_id=new_id())
    await hear(database, fact)
    await hear(database, fact)

    assert [await eraser(database, Reader()).once() for _ in range(2)] == [1, 0]

    assert len(await said(database, ErasureCarriedOut)) == 1


async def test_words_about_a_quarantined_message_go_with_it(database: Database) -> None:
    fact = LeadErased(erasure_id=new_id(), lead_id=new_id())
    async with database.transaction() as tx:
        await tx.session.execute(
            text(
                """
                INSERT INTO quarantined_messages (stream_seq, body_sha256, subject, body, reason, quarantined_at,
                    settled, settled_reason)
                VALUES (1, sha256('x'), :subject, 'Aglaya', 'no fact', now(), 'discarded', 'it was about Aglaya')
                """
            ),
            {"subject": f"conveyor.closing.deal_lost.v1.{fact.lead_id}"},
        )
        await tx.commit()

    await hear(database, fact)

    async with database.reading() as session:
        row = (await session.execute(text("SELECT body, settled_reason FROM quarantined_messages"))).one()
    assert (row.body, row.settled_reason) == (b"", None)
