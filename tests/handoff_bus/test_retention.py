"""What is kept for a time goes on its day by itself; what somebody still needs, or the law asks to keep, stays."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text

from conveyor.contracts.erasure import LeadErased
from conveyor.contracts.payroll import PayoutBatchPart, PayoutRow
from conveyor.contracts.references import ReferenceAssigned
from conveyor.contracts.values import Reference
from conveyor.kit.ids import new_id
from handoff_bus.deliveries.retention import RawRetention
from handoff_bus.erasures.request_erasure import ErasureRequest, request_erasure
from tests.handoff_bus.bus_at_work import BusAtWork
from tests.handoff_bus.events import payment
from tests.handoff_bus.test_erasures import ACT

# Acts of destruction (three years), rows that payroll was given, and by what the same money is known for ever.
HELD = ("erasures", "erasures_here", "gathered_batch_parts", "outside_facts", "correlated_references", "journey_steps")
DAYS = 90


async def _one_round(bus: BusAtWork) -> None:
    """What the worker does when its hour has come; told to stop meanwhile it ends this round and begins no other."""
    stop = asyncio.Event()
    working = asyncio.create_task(RawRetention(bus.database, days=DAYS).run(stop))
    await asyncio.sleep(0)
    stop.set()
    await working


async def _hold(bus: BusAtWork) -> None:
    """Something of everything that has no day."""
    erased = new_id()
    await bus.hear(ReferenceAssigned(lead_id=erased, reference=Reference(system="phone", value="79057770101")))
    order = ErasureRequest(
        kind="lead",
        subject_id=erased,
        lead_id=erased,
        ground="consent_withdrawn",
        asked_by="subject",
        request_number="7",
    )
    record = await request_erasure(bus.database, order, ACT)
    await bus.hear(LeadErased(erasure_id=record.id, lead_id=erased))
    row = PayoutRow(
        batch_id="closing-2025-09-1",
        period="2025-09",
        payroll_number="0201",
        employee="Boris",
        role="ae",
        component="first_payment",
        lead="Romashka",
        earned_on=date(2025, 9, 22),
        amount="10.00",
        currency="RUB",
        cause_id="P1",
    )
    await bus.hear(PayoutBatchPart(batch_id=row.batch_id, part=1, rows=(row,)), service="closing")


async def _rows(bus: BusAtWork, table: str) -> list[Any]:
    async with bus.database.reading() as session:
        return list((await session.scalars(text(f"SELECT one::text FROM {table} AS one ORDER BY 1"))).all())  # noqa: S608 - a table of ours


async def test_raw_requests_go_on_their_day_and_what_is_still_needed_stays(bus: BusAtWork) -> None:
    lead_id = new_id()
    await bus.hear(ReferenceAssigned(lead_id=lead_id, reference=Reference(system="contract", value="C-17")))
    settled = await bus.deliver(payment("P1"))
    parked = await bus.deliver(payment("P2", lead={"system": "contract", "value": "C-99"}))
    await _hold(bus)
    now = datetime.now(UTC)
    held = {table: await _rows(bus, table) for table in HELD}
    assert all(held.values())

    bus.clock.set(now + timedelta(days=DAYS - 1))
    await _one_round(bus)
    assert (await bus.delivery(settled))["body"] != ""
    bus.clock.set(now + timedelta(days=DAYS + 1))
    await _one_round(bus)

    assert (await bus.delivery(settled))["body"] == ""
    assert (await bus.delivery(parked))["body"] != ""
    assert {table: await _rows(bus, table) for table in HELD} == held
