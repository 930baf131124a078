"""What is not told outside yet is seen: how much, since when, by which way."""

from prometheus_client import REGISTRY
from sqlalchemy import text

from conveyor.kit.ids import new_id
from handoff_bus.backlogs.outbound import OutboundBacklog, OutboundGauges, read_outbound
from tests.handoff_bus.bus_at_work import NOW, BusAtWork
from tests.handoff_bus.outbound.receivers import Receiver, payment, sender_of, subscribe


async def _seen(bus: BusAtWork) -> OutboundBacklog:
    async with bus.database.reading() as session:
        return await read_outbound(session)


async def _gauge(bus: BusAtWork, name: str, **labels: str) -> float | None:
    await OutboundGauges(bus.database).look()
    return REGISTRY.get_sample_value(f"conveyor_outbound_{name}", labels)


async def test_pending_dispatches_are_counted_with_the_oldest(bus: BusAtWork, receiver: Receiver) -> None:
    await subscribe(bus, receiver.url)
    assert (await _seen(bus)).dispatches_oldest_at is None
    assert await _gauge(bus, "oldest_seconds", way="dispatch") == 0
    await bus.hear(payment())
    async with bus.database.transaction() as tx:
        await tx.session.execute(text("UPDATE dispatches SET created_at = created_at - interval '90 seconds'"))
        await tx.commit()
    await bus.hear(payment())

    waiting = await _seen(bus)

    assert (waiting.dispatches, waiting.held) == (2, 0)
    assert await _gauge(bus, "pending", way="dispatch") == 2
    assert await _gauge(bus, "oldest_seconds", way="dispatch") == 90
    await sender_of(bus).send_due()
    assert (await _seen(bus)).dispatches == 0
    assert await _gauge(bus, "pending", way="dispatch") == 0


async def test_dispatches_of_a_disabled_subscription_are_held(bus: BusAtWork, receiver: Receiver) -> None:
    await subscribe(bus, receiver.url)
    await bus.hear(payment())
    async with bus.database.transaction() as tx:
        await tx.session.execute(text("UPDATE dispatches SET state = 'held', next_at = NULL"))
        await tx.commit()

    waiting = await _seen(bus)

    assert (waiting.dispatches, waiting.held, waiting.held_oldest_at) == (0, 1, NOW)
    assert await _gauge(bus, "held") == 1


async def test_write_backs_that_fail_tell_since_when(bus: BusAtWork) -> None:
    source = await bus.open_source("crm")
    async with bus.database.transaction() as tx:
        await tx.session.execute(
            text(
                """
                INSERT INTO write_backs (write_back_id, lead_id, source_id, version, state, attempts, failing_since)
                VALUES (:id, :id, CAST(:source AS uuid), 1, 'due', 3, CAST(:since AS timestamptz))
                """
            ),
            {"id": new_id(), "source": source["id"], "since": NOW},
        )
        await tx.commit()

    assert (await _seen(bus)).write_backs_failing_since == NOW
    assert await _gauge(bus, "pending", way="write_back") == 1
