"""Erased keys on a real line: late facts, kept facts, and a stream that lost them on purpose."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import orjson
import pytest

from conveyor.contracts.personal import Erased, pseudonym_of
from conveyor.contracts.telemarketing import TouchRecorded
from conveyor.kit.database import Transaction
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.erased import mark_erased, scrub_messages
from conveyor.kit.messaging.events import Event, WaitsFor, release
from conveyor_local.nats import EmbeddedNats
from tests.kit.messaging_line import Line, a_line, client_of, eventually, touch
from tests.servers import FreshDatabase

SECRET = "speaks with a lisp"


class Heard:
    """A handler that writes down what it was given; it fails or waits for what it is told to."""

    def __init__(self) -> None:
        self.notes: list[str | None] = []
        self.error: Exception | None = None

    async def __call__(self, _: Transaction, event: Event[TouchRecorded]) -> None:
        if self.error is not None:
            raise self.error
        self.notes.append(event.fact.note)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
async def line(empty_database: FreshDatabase, provisioned_nats: EmbeddedNats, heard: Heard) -> AsyncIterator[Line]:
    async with a_line(empty_database, provisioned_nats, handler=heard) as made:
        yield made


async def _erase(line: Line, lead_id: UUID) -> None:
    erased = Erased(pseudonym_of(lead_id))
    async with line.database.transaction() as tx:
        await mark_erased(tx.session, key=str(lead_id), erased=erased)
        await scrub_messages(tx.session, key=str(lead_id), erased=erased, purged=None)
        await tx.commit()


async def _bodies(line: Line, table: str) -> list[str]:
    return [row["body"] for row in await line.rows(f"SELECT body FROM {table}")]  # noqa: S608 - a test's own name


async def _heard(heard: Heard, count: int) -> bool:
    return len(heard.notes) == count


async def test_a_late_fact_is_handled_without_persons_and_not_dropped(line: Line, heard: Heard) -> None:
    lead_id = new_id()
    await line.say(touch(lead_id=lead_id, note=SECRET), touch(note="of another lead"))
    line.start_relay()
    await eventually(lambda: _count(line, "outbox_log", 2))
    await _erase(line, lead_id)

    line.start_consumer()

    await eventually(lambda: _heard(heard, 2))
    assert heard.notes == [None, "of another lead"]
    assert await line.count("quarantined_messages") == 0


async def test_what_waits_for_the_relay_leaves_without_persons(line: Line) -> None:
    lead_id = new_id()
    await line.say(touch(lead_id=lead_id, note=SECRET))
    await _erase(line, lead_id)

    line.start_relay()

    await eventually(lambda: _count(line, "outbox_log", 1))
    (message,) = await line.published()
    assert orjson.loads(message.data)["data"]["note"] is None


@pytest.mark.parametrize("error", [WaitsFor("thing", "x"), RuntimeError(SECRET)], ids=["parked", "given up"])
async def test_facts_that_wait_or_were_given_up_are_kept_without_persons(
    line: Line, heard: Heard, error: Exception
) -> None:
    lead_id, table = new_id(), "parked_facts" if isinstance(error, WaitsFor) else "dead_letters"
    heard.error = error
    line.start()
    await line.say(touch(lead_id=lead_id, note=SECRET))
    await eventually(lambda: _count(line, table, 1))

    await _erase(line, lead_id)

    rows: list[Any] = await line.rows(f"SELECT one::text AS one FROM {table} AS one")  # noqa: S608 - a test's own name
    assert SECRET not in rows[0]["one"]
    if table == "parked_facts":
        heard.error = None
        async with line.database.transaction() as tx:
            await release(tx, "thing", "x")
            await tx.commit()
        await eventually(lambda: _heard(heard, 1))
        assert heard.notes == [None]


async def test_a_purged_key_is_not_taken_for_a_loss(line: Line, heard: Heard) -> None:
    kept, gone = new_id(), new_id()
    line.start()
    await line.say(touch(lead_id=kept, note="kept"), touch(lead_id=gone, note=SECRET))
    await eventually(lambda: _heard(heard, 2))
    await eventually(lambda: _count(line, "outbox_log", 2))
    await _erase(line, gone)
    async with client_of(line.nats, "eraser") as client:
        wanted = orjson.dumps({"filter": f"conveyor.*.*.*.{gone}"})
        answer = await client.request("$JS.API.STREAM.PURGE.CONVEYOR", wanted, timeout=5)
    assert orjson.loads(answer.data)["purged"] == 1

    # A new link makes the relay compare the stream with its log.
    line.nats.restart()
    await line.say(touch(lead_id=kept, note="later"))

    await eventually(lambda: _heard(heard, 3))
    assert heard.notes == ["kept", SECRET, "later"]
    assert SECRET not in "".join(await _bodies(line, "outbox_log"))
    assert await line.count("outbox") == 0


async def _count(line: Line, table: str, count: int) -> bool:
    return await line.count(table) == count
