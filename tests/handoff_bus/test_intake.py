"""The queue before the one writer of deliveries, and what it writes at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import text

from conveyor.kit.ids import new_id
from handoff_bus.deliveries.intake import Intake, IntakeUnavailable, Parcel, Receipt
from tests.handoff_bus.bus_at_work import NOW, BusAtWork

MIB = 1024 * 1024
LARGEST = b"x" * (MIB // 4)


async def _source(bus: BusAtWork) -> UUID:
    return UUID((await bus.made("/sources", {"name": "crm", "kind": "standard"}))["id"])


def _parcel(source_id: UUID, body: bytes) -> Parcel:
    return Parcel(source_id, new_id().hex, body, b"", {"content-type": "application/json"}, NOW, "lead.received")


@asynccontextmanager
async def _writing(intake: Intake) -> AsyncIterator[None]:
    stop = asyncio.Event()
    writing = asyncio.create_task(intake.run(stop))
    yield
    stop.set()
    await asyncio.wait_for(writing, 20)


def _all_taken(intake: Intake, parcels: list[Parcel]) -> asyncio.Future[list[Receipt | BaseException]]:
    return asyncio.gather(*(intake.take(parcel) for parcel in parcels), return_exceptions=True)


async def test_what_waits_is_bounded_in_bytes_and_room_is_made_again(bus: BusAtWork) -> None:
    source_id, intake = await _source(bus), Intake(bus.database)
    crowd = _all_taken(intake, [_parcel(source_id, LARGEST) for _ in range(400)])
    async with _writing(intake):
        answers = await asyncio.wait_for(crowd, 20)
        refused = [answer for answer in answers if isinstance(answer, IntakeUnavailable)]
        assert len(answers) - len(refused) in range(200, 257)
        again = await asyncio.wait_for(_all_taken(intake, [_parcel(source_id, LARGEST) for _ in range(200)]), 20)
    assert [answer for answer in again if not isinstance(answer, Receipt)] == []


async def test_large_deliveries_are_written_few_at_a_time_and_small_ones_many(bus: BusAtWork) -> None:
    source_id, intake = await _source(bus), Intake(bus.database)
    parcels = [_parcel(source_id, LARGEST) for _ in range(100)] + [_parcel(source_id, b"{}") for _ in range(500)]
    crowd = _all_taken(intake, parcels)
    async with _writing(intake):
        assert all(isinstance(answer, Receipt) for answer in await asyncio.wait_for(crowd, 20))
    batches = text("SELECT count(*), sum(octet_length(body)) FROM deliveries GROUP BY xmin")
    async with bus.database.reading() as session:
        written = (await session.execute(batches)).all()
    assert max(size for _, size in written) <= 5 * MIB
    assert max(number for number, _ in written) == 500
