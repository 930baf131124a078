"""A message that a service gave up: seen at the bus, replayed or discarded where it happened, in effect once."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from conveyor.contracts.messages import DeadLetterRecorded
from conveyor.contracts.telemarketing import TouchRecorded
from conveyor.kit.database import Transaction
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.events import Event, WaitsFor, release
from conveyor_local.nats import EmbeddedNats
from tests.handoff_bus.bus_at_work import BusAtWork
from tests.handoff_bus.stage_and_bus import StageAndBus, a_stage_and_the_bus
from tests.kit.messaging_line import eventually, touch, write_effect
from tests.servers import FreshDatabase

mended = asyncio.Event()


async def handle(tx: Transaction, event: Event[TouchRecorded]) -> None:
    """Fall over "poison" until mended; "needs a thing" waits for it first."""
    await write_effect(tx, event)
    if (event.fact.note or "").startswith("needs") and not await tx.session.scalar(text("SELECT key FROM things")):
        thing = "thing"
        raise WaitsFor(thing, "a")
    if "poison" in (event.fact.note or "") and not mended.is_set():
        msg = "no rule for this\nand what follows stays at home"
        raise ValueError(msg)


@pytest.fixture
async def both(
    empty_database: FreshDatabase, fresh_database: FreshDatabase, provisioned_nats: EmbeddedNats
) -> AsyncIterator[StageAndBus]:
    mended.clear()
    async with a_stage_and_the_bus(empty_database, fresh_database, provisioned_nats, handler=handle) as made:
        made.line.start()
        made.start_bus()
        yield made


async def seen_at_bus(both: StageAndBus, state: str, *, replays: int = 0) -> dict[str, Any]:
    """The one dead letter once the bus knows it in this state."""
    found: list[dict[str, Any]] = []

    async def known() -> bool:
        found[:] = (await both.bus.get(f"/dead-letters?service=telemarketing&state={state}"))["items"]
        return [one["replays"] for one in found] == [replays]

    await eventually(known)
    return found[0]


class TestAtTheBus:
    async def test_a_poison_fact_is_seen_with_reason_attempts_and_payload(self, both: StageAndBus) -> None:
        poison = touch(note="poison")
        (event_id,) = await both.line.say(poison)

        letter = await seen_at_bus(both, "open")

        assert (letter["message_id"], letter["fact"], letter["said_by"], letter["attempts"], letter["reason"]) == (
            *(str(event_id), "touch_recorded.v1", "telemarketing", 3),
            "ValueError: no rule for this",
        )
        whole = await both.bus.get(f"/dead-letters/telemarketing/{event_id}")
        assert json.loads(whole["payload"])["data"]["touch_id"] == str(poison.touch_id)
        assert whole["payload_absence"] is None

    async def test_replay_before_and_after_the_cause_is_mended(self, both: StageAndBus) -> None:
        (event_id,) = await both.line.say(touch(note="poison"))
        await seen_at_bus(both, "open")
        replay = f"/messages/dead-letters/{event_id}/replay"

        assert (await both.stage.post(replay, expect=409))["code"] == "replay-failed"
        await seen_at_bus(both, "open", replays=1)
        mended.set()
        assert (await both.stage.post(replay))["state"] == "replayed"

        assert (await seen_at_bus(both, "replayed", replays=2))["settled_by"]
        assert (await both.stage.post(replay, expect=409))["code"] == "dead-letter-settled"
        assert await both.line.effects() == [event_id]

    async def test_discarding_needs_a_reason_and_shows_it(self, both: StageAndBus) -> None:
        (event_id,) = await both.line.say(touch(note="poison"))
        await seen_at_bus(both, "open")
        discard = f"/messages/dead-letters/{event_id}/discard"

        await both.stage.post(discard, {"reason": ""}, expect=422)
        await both.stage.post(discard, {"reason": "why not"}, who="head", expect=403)
        await both.stage.post(discard, {"reason": "entered by hand"})

        letter = await seen_at_bus(both, "discarded")
        assert (letter["settled_reason"], letter["settled_at"] is None) == ("entered by hand", False)
        assert await both.line.effects() == []

    async def test_a_letter_that_was_replayed_waited_and_failed_again_is_open_again(self, both: StageAndBus) -> None:
        (event_id,) = await both.line.say(touch(note="poison"))
        await seen_at_bus(both, "open")
        # The message needs a thing that nobody has made yet once it gets past its first failure.
        await both.line.rows(
            "UPDATE dead_letters SET body = replace(body, 'poison', 'needs poison') WHERE event_id = $1", event_id
        )
        await both.stage.post(f"/messages/dead-letters/{event_id}/replay")
        (parked,) = (await both.stage.get("/messages/parked"))["items"]
        assert (parked["thing"], parked["awaited"], parked["event_id"]) == ("thing", "a", str(event_id))

        async with both.line.database.transaction() as tx:
            await tx.session.execute(text("INSERT INTO things VALUES ('a')"))
            await release(tx, "thing", "a")
            await tx.commit()

        await seen_at_bus(both, "open", replays=1)
        assert await both.line.count("parked_facts") == 0

    async def test_a_failure_of_the_announcement_itself_is_not_announced(self, both: StageAndBus) -> None:
        async def fall(tx: Transaction, event: Event[DeadLetterRecorded]) -> None:
            msg = "the bus cannot read this"
            raise RuntimeError(msg)

        both.bus.service.listeners.on(DeadLetterRecorded, fall)
        await both.line.say(touch(note="poison"))

        async def kept_at_home() -> bool:
            letters = (await both.bus.get("/messages/dead-letters?state=open"))["items"]
            return [".dead_letter_recorded." in letter["subject"] for letter in letters] == [True]

        await eventually(kept_at_home)
        await eventually(lambda: both.bus.service.consumer.caught_up(seconds_max=0.1))
        said = [message.subject for message in await both.line.published()]
        assert [subject.split(".")[1:3] for subject in said if "dead_letter" in subject] == [
            ["telemarketing", "dead_letter_recorded"]
        ]


class TestOrder:
    def fact(self, revision: int, **changes: Any) -> DeadLetterRecorded:
        whole: dict[str, Any] = {
            "message_id": UUID(int=1),
            "key": "k",
            "said_by": "closing",
            "fact": "deal_lost.v1",
            "stream_seq": 7,
            "attempts": 8,
            "replays": 0,
            "reason": "KeyError",
            "died_at": "2026-03-09T10:00:00Z",
            "state": "open",
        }
        return DeadLetterRecorded.model_validate({**whole, "revision": revision, **changes})

    @pytest.mark.parametrize("order", [(1, 2), (2, 1), (2, 1, 2)])
    async def test_the_highest_revision_stands_whatever_comes_first(
        self, bus: BusAtWork, order: tuple[int, ...]
    ) -> None:
        facts = {1: self.fact(1), 2: self.fact(2, state="discarded", settled_reason="done by hand")}

        for revision in order:
            await bus.hear(facts[revision], service="account")

        (letter,) = (await bus.read("/dead-letters", who="admin"))["items"]
        assert (letter["service"], letter["state"], letter["settled_reason"]) == (
            "account",
            "discarded",
            "done by hand",
        )

    async def test_people_of_the_stages_do_not_see_them(self, bus: BusAtWork) -> None:
        assert (await bus.call("GET", "/dead-letters", who="ae")).status_code == 403
        assert (await bus.call("GET", f"/dead-letters/account/{new_id()}", who="auditor")).status_code == 403
        assert (await bus.call("GET", f"/dead-letters/account/{new_id()}")).status_code == 404
