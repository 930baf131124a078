"""Messages that were no facts: discarded with a reason, or replayed once they are facts; a forged one never is."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from conveyor.kit.operations.report_backlog import BacklogReporter
from conveyor_local.nats import EmbeddedNats
from tests.handoff_bus.stage_and_bus import StageAndBus, a_stage_and_the_bus
from tests.kit.messaging_line import client_of, eventually, touch, write_effect
from tests.kit.test_messaging_intake import envelope
from tests.servers import FreshDatabase

Json = dict[str, Any]


@pytest.fixture
async def both(
    empty_database: FreshDatabase, fresh_database: FreshDatabase, provisioned_nats: EmbeddedNats
) -> AsyncIterator[StageAndBus]:
    async with a_stage_and_the_bus(empty_database, fresh_database, provisioned_nats, handler=write_effect) as made:
        made.line.start()
        yield made


async def quarantined(both: StageAndBus, state: str = "open") -> Json:
    """The one message in this state, once it is there."""
    found: list[Json] = []

    async def there() -> bool:
        found[:] = (await both.stage.get(f"/messages/quarantined?state={state}"))["items"]
        return len(found) == 1

    await eventually(there)
    return found[0]


def path_of(message: Json, verb: str) -> str:
    return f"/messages/quarantined/{message['stream_seq']}/{message['body_sha256']}/{verb}"


async def send(both: StageAndBus, subject: str, body: Json) -> UUID:
    """Put a message on the stream past the outbox, as an intruder with the service's password could."""
    async with client_of(both.line.nats, "telemarketing") as client:
        await client.jetstream().publish(subject, json.dumps(body).encode())
    return UUID(body["id"])


async def make_it_a_fact(both: StageAndBus, message: Json, body: Json) -> str:
    """As a release that can read it would: the stored bytes are the same fact, valid now. Its new digest."""
    async with both.line.database.transaction() as tx:
        row = await tx.session.execute(
            text(
                """
                UPDATE quarantined_messages SET body = :body, body_sha256 = sha256(:body) WHERE stream_seq = :seq
                RETURNING encode(body_sha256, 'hex')
                """
            ),
            {"body": json.dumps(body).encode(), "seq": message["stream_seq"]},
        )
        digest = str(row.scalar_one())
        await tx.commit()
    return digest


async def test_a_message_is_discarded_once_with_a_reason(both: StageAndBus) -> None:
    subject, body = envelope(source="conveyor/closing")
    await send(both, subject, body)
    message = await quarantined(both)
    assert message["reason"].find("does not own") >= 0
    discard = path_of(message, "discard")

    assert (await both.stage.post(discard, {"reason": " "}, expect=422))["code"] == "invalid"
    settled = await both.stage.post(discard, {"reason": "a test of the password"})

    assert (settled["state"], settled["settled_reason"], settled["settled_by"]) == (
        *("discarded", "a test of the password"),
        "admin:admin",
    )
    for verb in ("discard", "replay"):
        again = await both.stage.post(
            path_of(message, verb), {"reason": "x"} if verb == "discard" else None, expect=409
        )
        assert again["code"] == "quarantine-settled"
    backlog = await BacklogReporter(both.line.database, both.line.consumer).look()
    assert backlog.quarantined == 0


async def test_a_forged_message_stays_refused(both: StageAndBus) -> None:
    subject, body = envelope(source="conveyor/closing")
    await send(both, subject, body)
    message = await quarantined(both)

    refused = await both.stage.post(path_of(message, "replay"), expect=409)

    assert refused["code"] == "still-not-a-fact"
    assert (await quarantined(both))["state"] == "open"
    assert await both.line.effects() == []
    assert (await BacklogReporter(both.line.database, both.line.consumer).look()).quarantined == 1


async def test_another_body_under_a_used_id_stays_refused(both: StageAndBus) -> None:
    (event_id,) = await both.line.say(touch())
    await eventually(lambda: _are(both, [event_id]))
    subject, body = envelope(id=str(event_id))
    await send(both, subject, body)
    message = await quarantined(both)

    assert (await both.stage.post(path_of(message, "replay"), expect=409))["code"] == "still-not-a-fact"

    assert await both.line.effects() == [event_id]


async def test_a_message_that_is_a_fact_by_now_takes_effect_once(both: StageAndBus) -> None:
    subject, body = envelope()
    event_id = await send(both, subject, {**body, "data": {}})
    message = await quarantined(both)
    message["body_sha256"] = await make_it_a_fact(both, message, body)

    settled = await both.stage.post(path_of(message, "replay"))

    assert (settled["state"], settled["settled_by"]) == ("replayed", "admin:admin")
    assert await both.line.effects() == [event_id]
    # The same fact over the stream is a repetition.
    await send(both, subject, body)
    await eventually(lambda: both.line.consumer.caught_up(seconds_max=0.1))
    assert await both.line.effects() == [event_id]


async def test_an_erased_body_is_not_read_again(both: StageAndBus) -> None:
    subject, body = envelope(source="conveyor/closing")
    await send(both, subject, body)
    message = await quarantined(both)
    async with both.line.database.transaction() as tx:
        await tx.session.execute(text("UPDATE quarantined_messages SET body = ''::bytea"))
        await tx.commit()

    assert (await both.stage.post(path_of(message, "replay"), expect=409))["code"] == "quarantined-body-erased"
    for unknown in (f"/messages/quarantined/999/{'0' * 64}/replay",):
        assert (await both.stage.post(unknown, expect=404))["code"] == "not-found"


async def test_only_an_administrator_settles(both: StageAndBus) -> None:
    for verb in ("replay", "discard"):
        await both.stage.post(f"/messages/quarantined/1/{'0' * 64}/{verb}", {"reason": "x"}, who="auditor", expect=403)


async def _are(both: StageAndBus, ids: list[UUID]) -> bool:
    return await both.line.effects() == ids
