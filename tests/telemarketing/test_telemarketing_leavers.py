"""Who leaves, leaves his leads behind."""

import asyncio
import itertools
from datetime import date, timedelta

from conveyor.contracts.roster import EmployeeRecorded
from conveyor.kit.ids import new_id
from conveyor.roster.patience import first_found
from telemarketing.leads.leaver_watch import LeaverWatch
from tests.telemarketing.line import NOW, Line, event_of, lead_named


async def owner_of(line: Line, lead_id: str) -> str | None:
    found: str | None = (await line.read(lead_id))["owner_id"]
    return found


async def test_leads_go_to_the_successor_or_back_to_the_queue(line: Line) -> None:
    anna, zoya = line.employees["Anna"], line.employees["Zoya"]
    lead = await line.record(lead_named("Ромашка", owner_id=str(anna)))
    revision = itertools.count(2)

    await line.hire("Anna", revision=next(revision), left_on=date(2026, 3, 10))
    assert await owner_of(line, lead["id"]) is None
    assert (await line.ask("Zoya", "POST", "/queue/next")).json()["id"] == lead["id"]
    await line.hire("Anna", revision=next(revision), left_on=date(2026, 3, 10), successor_id=zoya)
    assert await owner_of(line, lead["id"]) == str(zoya)
    await line.hire("Anna", revision=next(revision))
    assert await owner_of(line, lead["id"]) == str(anna)
    assert [one["data"]["revision"] for one in await line.said("lead_recorded")] == [1, 2, 3, 4]


async def test_every_order_of_the_rosters_facts_gives_the_same_owner(line: Line) -> None:
    for number, order in enumerate(itertools.permutations(range(3))):
        names = [f"{name}-{number}" for name in ("leaver", "heir", "last")]
        leaver, heir, last = [await line.hire(name) for name in names]
        lead = await line.record(lead_named(f"Лид {number}", owner_id=str(leaver)))
        facts = [
            (leaver, 2, heir),
            (heir, 2, last),
            (leaver, 3, heir),
        ]
        for index in (*order, order[-1]):
            employee_id, revision, successor_id = facts[index]
            fact = EmployeeRecorded(
                employee_id=employee_id,
                revision=revision,
                full_name="Кто-то",
                role="sdr",
                payroll_number=f"{number}",
                hired_on=date(2025, 1, 1),
                left_on=date(2026, 3, 1),
                successor_id=successor_id,
            )
            await line.hear(event_of(fact, at=NOW, service="handoff-bus"))
        assert await owner_of(line, lead["id"]) == str(last)


async def test_a_leave_to_come_takes_effect_at_midnight_of_the_departments_zone(line: Line) -> None:
    anna, zoya = line.employees["Anna"], line.employees["Zoya"]
    lead = await line.record(lead_named("Ромашка", owner_id=str(anna)))
    await line.hire("Anna", revision=2, left_on=date(2026, 3, 11), successor_id=zoya)
    watch = LeaverWatch(line.service.database)
    midnight = NOW.replace(hour=21, minute=0)

    line.clock.set(midnight - timedelta(seconds=1))
    assert await watch.settle() == 0
    assert await owner_of(line, lead["id"]) == str(anna)
    line.clock.set(midnight)
    assert (await line.ask("Zoya", "POST", "/queue/next")).json()["id"] == lead["id"]
    assert await owner_of(line, lead["id"]) == str(zoya)


async def test_the_watch_hands_over_by_itself_and_ends_when_told(line: Line) -> None:
    lead = await line.record(lead_named("Ромашка", owner_id=str(line.employees["Anna"])))
    await line.hire("Anna", revision=2, left_on=date(2026, 3, 11))
    line.clock.set(NOW + timedelta(days=1))
    stop = asyncio.Event()
    running = asyncio.create_task(LeaverWatch(line.service.database).run(stop))

    async def has_no_owner() -> bool | None:
        return True if await owner_of(line, lead["id"]) is None else None

    assert await first_found(has_no_owner, patience_seconds=5)
    stop.set()
    await asyncio.wait_for(running, timeout=5)


async def test_a_token_of_somebody_gone_gets_no_lead(line: Line) -> None:
    await line.record(lead_named("Ромашка"))
    await line.hire("Anna", revision=2, left_on=date(2026, 3, 10))
    stranger = new_id()

    assert (await line.ask("Anna", "POST", "/queue/next")).status_code == 409
    async with line.caller("sdr", stranger) as client:
        assert (await client.post("/queue/next")).status_code == 422
