"""What comes in twice, forged, poisonous or too early."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from conveyor.contracts.telemarketing import TouchRecorded
from conveyor.kit.context import RequestContext
from conveyor.kit.database import Transaction
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.events import Event, WaitsFor, release
from conveyor.kit.messaging.incoming import Message, read_message
from conveyor.kit.messaging.outbox import outgoing
from conveyor.kit.messaging.upkeep import Upkeep
from conveyor.kit.operations.dead_letters import (
    DeadLetterSettled,
    ReplayFailed,
    discard_dead_letter,
    open_dead_letters,
    replay_dead_letter,
)
from conveyor.kit.refusals import Invalid, NotFound
from conveyor_local.nats import EmbeddedNats
from tests.kit.messaging_line import SERVICE, Line, a_line, client_of, eventually, touch, write_effect
from tests.servers import FreshDatabase

healed = asyncio.Event()
failed = Counter[UUID]()


async def handle(tx: Transaction, event: Event[TouchRecorded]) -> None:
    """Write the effect; fall over poison; wait for a thing when the note names one."""
    await write_effect(tx, event)
    note = event.fact.note or ""
    if note == "poison" and not healed.is_set():
        msg = "the handler has a bug"
        raise ValueError(msg)
    if note == "fails twice" and failed[event.id] < 2:
        failed[event.id] += 1
        msg = "two at once"
        raise ValueError(msg)
    if note.startswith("needs "):
        key = note.removeprefix("needs ")
        if not await tx.session.scalar(text("SELECT TRUE FROM things WHERE key = :key"), {"key": key}):
            missing = "thing"
            raise WaitsFor(missing, key)


@pytest.fixture
async def line(empty_database: FreshDatabase, provisioned_nats: EmbeddedNats) -> AsyncIterator[Line]:
    healed.clear()
    async with a_line(empty_database, provisioned_nats, handler=handle) as made:
        made.start()
        yield made


async def publish(line: Line, subject: str, body: bytes, *, user: str = "telemarketing") -> None:
    async with client_of(line.nats, user) as client:
        await client.publish(subject, body)
        await client.flush()


def envelope(**changes: Any) -> tuple[str, dict[str, Any]]:
    fact = touch()
    now = "2026-03-02T10:00:00Z"
    made = outgoing(
        fact,
        service="telemarketing",
        event_id=new_id(),
        occurred_at=now,  # type: ignore[arg-type] # text is as good for JSON
        recorded_at=now,  # type: ignore[arg-type] # the same
        context=RequestContext(actor="system"),
    )
    return made.subject, json.loads(made.body) | changes


class TestRepetition:
    async def test_the_same_message_again_has_no_second_effect(self, line: Line) -> None:
        subject, body = envelope()
        for _ in range(5):
            await publish(line, subject, json.dumps(body).encode())

        await eventually(lambda: line.consumer.caught_up(seconds_max=0.1))
        assert await line.effects() == [UUID(body["id"])]

    async def test_the_same_id_with_another_body_is_quarantined(self, line: Line) -> None:
        subject, body = envelope()
        await publish(line, subject, json.dumps(body).encode())
        await eventually(lambda: _count_is(line, "effects", 1))

        await publish(line, subject, json.dumps(body | {"actor": "somebody else"}).encode())

        await eventually(lambda: _count_is(line, "quarantined_messages", 1))
        assert await line.count("effects") == 1

    async def test_a_repetition_behind_a_forged_body_is_no_forgery(self, line: Line) -> None:
        subject, body = envelope()
        await publish(line, subject, json.dumps(body).encode())
        await eventually(lambda: _count_is(line, "effects", 1))
        forged = json.dumps(body | {"actor": "somebody else"}).encode()
        messages = [Message(subject, forged, 2), Message(subject, json.dumps(body).encode(), 3)]
        items = [read_message(each, listeners=line.listeners, service=SERVICE) for each in messages]

        await line.consumer._handling.take([each for each in items if each], [])

        assert [row["stream_seq"] for row in await line.rows("SELECT stream_seq FROM quarantined_messages")] == [2]
        assert await line.count("effects") == 1


class TestForgery:
    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"source": "conveyor/closing"}, "does not own"),
            ({"type": "conveyor.telemarketing.payment_received.v1"}, "subject"),
            ({"id": "no id"}, "no valid envelope"),
            ({"data": {}}, "the data is no touch_recorded.v1"),
            ({"subject": "another-key"}, "subject"),
        ],
    )
    async def test_is_quarantined_with_the_reason(self, line: Line, changes: dict[str, Any], reason: str) -> None:
        subject, body = envelope(**changes)

        await publish(line, subject, json.dumps(body).encode())

        await eventually(lambda: _count_is(line, "quarantined_messages", 1))
        assert reason in (await line.rows("SELECT reason FROM quarantined_messages"))[0]["reason"]
        assert await line.effects() == []

    async def test_a_fact_that_the_service_may_not_say_is_quarantined(self, line: Line) -> None:
        subject, body = envelope(type="conveyor.telemarketing.payment_received.v1")

        await publish(line, subject.replace("touch_recorded", "payment_received"), json.dumps(body).encode())

        await eventually(lambda: _count_is(line, "quarantined_messages", 1))

    async def test_what_is_no_json_is_quarantined_and_the_rest_goes_on(self, line: Line) -> None:
        await publish(line, "conveyor.telemarketing.touch_recorded.v1.x", b'{"stream": \xff')
        ids = await line.say(touch())

        await eventually(lambda: _count_is(line, "quarantined_messages", 1))
        await eventually(lambda: _count_is(line, "effects", 1))
        assert await line.effects() == ids

    async def test_a_fact_of_a_newer_version_is_left_alone(self, line: Line) -> None:
        subject, body = envelope(type="conveyor.telemarketing.lead_dreamt.v1")

        await publish(line, subject.replace("touch_recorded", "lead_dreamt"), json.dumps(body).encode())
        await line.say(touch())

        await eventually(lambda: _count_is(line, "effects", 1))
        assert await line.count("quarantined_messages") == 0


class TestPoison:
    async def test_becomes_a_dead_letter_while_the_rest_goes_on(self, line: Line) -> None:
        ids = await line.say(touch(), touch(note="poison"), touch(), touch(note="poison"), touch())

        await eventually(lambda: _count_is(line, "dead_letters", 2))
        await eventually(lambda: line.consumer.caught_up(seconds_max=0.1))
        assert await line.effects() == [ids[0], ids[2], ids[4]]
        async with line.database.reading() as session:
            first = (await open_dead_letters(session, limit=10))[0]
        assert (first.attempts, first.reason) == (3, "ValueError: the handler has a bug")
        assert "in handle" in first.traceback
        assert await line.count("message_attempts") == 0

    async def test_can_be_replayed_once_the_handler_is_mended(self, line: Line) -> None:
        (event_id,) = await line.say(touch(note="poison"))
        await eventually(lambda: _count_is(line, "dead_letters", 1))
        with pytest.raises(ReplayFailed):
            await replay_dead_letter(line.database, line.listeners, event_id=event_id)
        healed.set()

        await replay_dead_letter(line.database, line.listeners, event_id=event_id)

        assert await line.effects() == [event_id]
        with pytest.raises(DeadLetterSettled):
            await replay_dead_letter(line.database, line.listeners, event_id=event_id)

    async def test_failures_of_what_was_handled_in_the_end_are_forgotten(self, line: Line) -> None:
        # Among others and then alone: that is one failure. When it comes again it is handled among others.
        await line.say(touch(note="fails twice"))
        await eventually(lambda: _count_is(line, "effects", 1))
        assert await line.count("message_attempts") == 1

        await Upkeep(line.database).once()

        assert await line.count("message_attempts") == 0

    async def test_can_be_discarded_with_a_reason(self, line: Line) -> None:
        (event_id,) = await line.say(touch(note="poison"))
        await eventually(lambda: _count_is(line, "dead_letters", 1))
        with pytest.raises(Invalid):
            await discard_dead_letter(line.database, event_id=event_id, reason=" ")
        with pytest.raises(NotFound):
            await discard_dead_letter(line.database, event_id=new_id(), reason="why not")

        await discard_dead_letter(line.database, event_id=event_id, reason="a test")

        async with line.database.reading() as session:
            assert await open_dead_letters(session, limit=10) == []


async def make_thing(line: Line, key: str) -> None:
    async with line.database.transaction() as tx:
        await tx.session.execute(text("INSERT INTO things VALUES (:key)"), {"key": key})
        await release(tx, "thing", key)
        await tx.commit()


class TestEarliness:
    async def test_an_early_fact_waits_and_is_handled_once_when_released(self, line: Line) -> None:
        ids = await line.say(touch(note="needs a"), touch(), touch(note="needs b"))
        await eventually(lambda: _lag_is(line, parked=2))
        assert await line.effects() == [ids[1]]

        await make_thing(line, "a")

        await eventually(lambda: _count_is(line, "effects", 2))
        assert await line.effects() == [ids[1], ids[0]]
        await eventually(lambda: _lag_is(line, parked=1))

    async def test_no_release_is_missed_however_they_race(self, line: Line) -> None:
        keys = [new_id().hex for _ in range(60)]

        await asyncio.gather(
            *[line.say(touch(note=f"needs {key}")) for key in keys], *[make_thing(line, key) for key in keys]
        )

        await eventually(lambda: _count_is(line, "effects", len(keys)))
        await eventually(lambda: _lag_is(line, parked=0))
        assert len(set(await line.effects())) == len(keys)

    async def test_a_releaser_still_open_while_the_fact_is_parked_wakes_it(self, line: Line) -> None:
        async with line.database.transaction() as tx:
            await tx.session.execute(text("INSERT INTO things VALUES ('late')"))
            await release(tx, "thing", "late")
            await line.say(touch(note="needs late"))
            await eventually(lambda: _count_is(line, "parked_facts", 1))
            await tx.commit()

        await eventually(lambda: _count_is(line, "effects", 1))
        await eventually(lambda: _count_is(line, "parked_facts", 0))

    async def test_a_fact_that_an_older_version_does_not_hear_any_more_can_be_replayed_by_the_next(
        self, line: Line
    ) -> None:
        (event_id,) = await line.say(touch(note="needs a"))
        await eventually(lambda: _lag_is(line, parked=1))
        heard = dict(line.listeners._heard)
        line.listeners._heard.clear()

        await make_thing(line, "a")

        await eventually(lambda: _count_is(line, "parked_facts", 0))
        (letter,) = await line.rows("SELECT event_id, reason FROM dead_letters")
        assert (letter["event_id"], letter["reason"]) == (event_id, "nobody here hears it")
        line.listeners._heard.update(heard)
        await replay_dead_letter(line.database, line.listeners, event_id=event_id)
        assert await line.effects() == [event_id]

    async def test_a_parked_fact_that_cannot_be_read_is_not_lost(self, line: Line) -> None:
        (event_id,) = await line.say(touch(note="needs a"))
        await eventually(lambda: _lag_is(line, parked=1))
        await line.rows("UPDATE parked_facts SET body = replace(body, 'letter_general', 'letter_of_tomorrow')")

        await make_thing(line, "a")

        await eventually(lambda: _count_is(line, "parked_facts", 0))
        (letter,) = await line.rows("SELECT event_id, body FROM dead_letters")
        assert letter["event_id"] == event_id
        assert "letter_of_tomorrow" in letter["body"]


async def _count_is(line: Line, table: str, count: int) -> bool:
    return await line.count(table) == count


async def _lag_is(line: Line, *, parked: int) -> bool:
    return await line.consumer.lag() == {"outbox": 0, "consumer": 0, "parked": parked}
