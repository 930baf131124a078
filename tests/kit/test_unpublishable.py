"""Facts that the broker refuses for good: seen, tried again in their order, or discarded with a reason."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from conveyor.kit.ids import new_id
from conveyor.kit.operations.republish import republish_facts
from conveyor.kit.operations.unpublishable import FactDiscarded, discard_unpublishable, requeue_unpublishable
from conveyor.kit.refusals import NotFound
from conveyor_local.nats import EmbeddedNats
from tests.kit.messaging_line import Line, a_line, eventually, touch
from tests.servers import FreshDatabase


@pytest.fixture
async def line(empty_database: FreshDatabase, provisioned_nats: EmbeddedNats) -> AsyncIterator[Line]:
    async with a_line(empty_database, provisioned_nats) as made:
        yield made


async def stopped_key(line: Line) -> tuple[UUID, UUID, UUID]:
    """Three facts of one key of which the first is too large for the broker; the relay has found out."""
    lead_id = new_id()
    large, second, third = await line.say(*[touch(lead_id=lead_id) for _ in range(3)])
    await line.rows("UPDATE outbox SET body = body || repeat(' ', 900000) WHERE event_id = $1", large)
    line.start()
    await eventually(lambda: _counts(line, outbox_dead=1, outbox=2))
    return large, second, third


async def _counts(line: Line, **tables: int) -> bool:
    return all([await line.count(table) == rows for table, rows in tables.items()])


async def test_requeued_after_the_cause_is_mended_it_goes_out_before_what_waited(line: Line) -> None:
    large, second, third = await stopped_key(line)
    await line.rows("UPDATE outbox_dead SET body = rtrim(body)")

    view = await requeue_unpublishable(line.database, event_id=large)

    assert (view.event_id, view.waiting, "exceeds maximum" in view.reason) == (large, 2, True)
    await eventually(lambda: _counts(line, effects=3))
    assert await line.effects() == [large, second, third]
    assert await line.count("outbox_dead") == 0


async def test_requeued_too_early_it_comes_back_and_still_stops_its_key(line: Line) -> None:
    large, _, _ = await stopped_key(line)

    await requeue_unpublishable(line.database, event_id=large)

    await eventually(lambda: _counts(line, outbox_dead=1, outbox=2))
    assert await line.effects() == []


async def test_published_again_it_stays_another_copy_for_the_broker(line: Line) -> None:
    (event_id,) = await line.say(touch())
    line.start_relay()
    await eventually(lambda: _counts(line, outbox_log=1))
    await line.rows("UPDATE outbox_log SET body = body || repeat(' ', 900000)")
    await republish_facts(line.database, event_ids=[event_id], reason="a reader never got it")
    await eventually(lambda: _counts(line, outbox_dead=1))
    await line.rows("UPDATE outbox_dead SET body = rtrim(body)")

    await requeue_unpublishable(line.database, event_id=event_id)

    await eventually(lambda: _counts(line, outbox_log=1))
    assert len(await line.published()) == 2


async def test_discarded_it_lets_its_key_go_on_and_keeps_the_reason(line: Line) -> None:
    large, second, third = await stopped_key(line)

    view = await discard_unpublishable(line.database, event_id=large, reason="a note of a megabyte")

    assert (view.discarded_reason, view.discarded_by, view.waiting) == ("a note of a megabyte", "system", 0)
    await eventually(lambda: _counts(line, effects=2))
    assert await line.effects() == [second, third]
    with pytest.raises(FactDiscarded):
        await requeue_unpublishable(line.database, event_id=large)
    with pytest.raises(NotFound):
        await discard_unpublishable(line.database, event_id=new_id(), reason="why not")
