"""Who read whose data: written down in batches, never altered, never left behind; no trace, no read."""

import asyncio
from datetime import timedelta

import pytest
from asyncpg.exceptions import InsufficientPrivilegeError
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from conveyor.kit.access import trail as trails
from conveyor.kit.access.trail import AccessTrail, Read
from conveyor.kit.ids import new_id
from tests.handoff_bus.bus_at_work import NOW, BusAtWork, Json


def _trail(bus: BusAtWork) -> AccessTrail:
    return next(each for each in bus.service.background if isinstance(each, AccessTrail))


async def _reads(bus: BusAtWork, query: str = "") -> list[Json]:
    await _trail(bus).write()
    items: list[Json] = (await bus.read(f"/personal-data-reads{query}", who="auditor"))["items"]
    return items


def _read(number: int) -> Read:
    return Read(NOW, f"head:{number}", "head", "employees_get_employee", "employee", [new_id(), new_id()], None)


async def test_a_read_says_who_saw_whom_and_not_what(bus: BusAtWork) -> None:
    anna, boris = await bus.hire("Karenina"), await bus.hire("Boris", role="ae")
    reader = f"ae:{boris['id']}"
    answer = await bus.call("GET", f"/employees/{anna['id']}", who=reader)

    (read,) = await _reads(bus)

    assert (read["actor"], read["role"], read["operation"]) == (
        f"employee:{boris['id']}",
        "ae",
        "employees_get_employee",
    )
    assert (read["subject"], read["subject_ids"]) == ("employee", [anna["id"]])
    assert read["request_id"] == answer.headers["x-request-id"]
    assert "Karenina" not in str(read)


async def test_a_list_names_everybody_on_its_page_and_a_refusal_nobody(bus: BusAtWork) -> None:
    hired = [(await bus.hire(name))["id"] for name in ("A", "B", "C")]
    await bus.call("GET", "/employees?limit=2", who="head")
    await bus.call("GET", f"/employees/{new_id()}", who="head")
    await bus.call("GET", "/deliveries", who="payroll")

    (read,) = await _reads(bus)

    assert len(read["subject_ids"]) == 2
    assert set(read["subject_ids"]) < set(hired)


async def test_the_trail_is_searched_by_reader_subject_operation_and_time(bus: BusAtWork) -> None:
    anna, boris = [(await bus.hire(name))["id"] for name in ("A", "B")]
    await bus.call("GET", f"/employees/{anna}", who="head")
    await bus.call("GET", f"/employees/{boris}", who="auditor")
    later = (NOW + timedelta(minutes=1)).isoformat().replace("+00:00", "Z")

    assert len(await _reads(bus)) == 2
    assert [each["role"] for each in await _reads(bus, f"?subject_id={boris}")] == ["auditor"]
    assert [each["subject_ids"] for each in await _reads(bus, "?actor=head:head")] == [[anna]]
    assert len(await _reads(bus, f"?operation=employees_get_employee&until={later}")) == 2
    assert await _reads(bus, f"?from={later}") == []
    assert (await bus.call("GET", "/personal-data-reads", who="head")).status_code == 403


async def test_a_graceful_stop_writes_what_waits(bus: BusAtWork) -> None:
    trail, stop = _trail(bus), asyncio.Event()
    for number in range(2_500):
        trail.note(_read(number))
    stop.set()

    await trail.run(stop)

    async with bus.database.reading() as session:
        actors = (await session.scalars(text("SELECT actor FROM personal_data_reads ORDER BY read_no"))).all()
    assert actors == [f"head:{number}" for number in range(2_500)]


async def test_nobody_is_shown_when_it_cannot_be_written_down(bus: BusAtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = await bus.hire("A")
    monkeypatch.setattr(trails, "WAITING_MAX", 0)

    refused = await bus.call("GET", f"/employees/{anna['id']}", who="head")

    assert (refused.status_code, refused.json()["code"]) == (503, "trail-is-full")


@pytest.mark.parametrize("change", ["UPDATE personal_data_reads SET actor = 'x'", "DELETE FROM personal_data_reads"])
async def test_the_service_cannot_alter_the_trail(bus: BusAtWork, change: str) -> None:
    _trail(bus).note(_read(1))
    await _trail(bus).write()

    with pytest.raises(ProgrammingError) as refused:
        async with bus.database.transaction() as tx:
            await tx.session.execute(text(change))

    assert isinstance(refused.value.orig and refused.value.orig.__cause__, InsufficientPrivilegeError)
