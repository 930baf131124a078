"""The stage's copy of the roster: facts in any order, the highest revision stands."""

import asyncio
from datetime import date, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest

from conveyor.contracts.roster import CalendarRecorded, ChainRecorded, EmployeeRecorded
from conveyor.kit.ids import new_id
from conveyor.kit.refusals import Invalid
from conveyor.roster.queries import (
    chain_mates,
    current_calendar,
    employees_of_role,
    find_employee,
    known_employee,
    working_employee,
)
from tests.handoffs.stage_at_work import NOW, StageAtWork

TODAY = date(2026, 3, 10)


def employee(revision: int, **more: object) -> EmployeeRecorded:
    given = {"employee_id": new_id(), "full_name": f"Boris {revision}", "role": "ae", "payroll_number": "0201"}
    return EmployeeRecorded.model_validate({**given, "hired_on": date(2025, 1, 9), **more, "revision": revision})


async def test_the_highest_revision_of_an_employee_stands_whatever_the_order(stage: StageAtWork) -> None:
    for order in permutations((1, 2, 3)):
        employee_id = new_id()

        for revision in order:
            fact = employee(revision, employee_id=employee_id, left_on=TODAY if revision == 3 else None)
            await stage.hear(fact)
            await stage.hear(fact)

        async with stage.database.reading() as session:
            found = await find_employee(session, employee_id)
        assert found is not None
        assert (found.revision, found.full_name, found.left_on) == (3, "Boris 3", TODAY)


async def test_within_one_batch_a_listener_sees_the_newest_state(stage: StageAtWork) -> None:
    employee_id = new_id()

    await stage.hear(employee(1, employee_id=employee_id), employee(2, employee_id=employee_id))

    async with stage.database.transaction() as tx:
        assert await find_employee(tx.session, employee_id) is not None
        later = await stage.hire("Boris 3", revision=3, employee_id=employee_id)
        found = await find_employee(tx.session, later)
    assert found is not None
    assert found.revision == 3


async def test_only_those_of_the_role_who_work_that_day(stage: StageAtWork) -> None:
    here = await stage.hire("here")
    await stage.hire("gone", left_on=TODAY)
    await stage.hire("to come", hired_on=TODAY + timedelta(days=1))
    await stage.hire("another role", role="sdr")

    async with stage.database.reading() as session:
        found = await employees_of_role(session, "ae", TODAY)

    assert [person.employee_id for person in found] == [here]


async def test_the_latest_chain_of_an_employee_counts(stage: StageAtWork) -> None:
    anna, boris, vera, denis = (new_id() for _ in range(4))
    await stage.chain(anna, boris, vera)
    await stage.chain(anna, denis, since=date(2026, 1, 1))
    await stage.chain(anna, new_id(), since=TODAY + timedelta(days=1))

    async with stage.database.reading() as session:
        assert await chain_mates(session, anna, date(2025, 12, 31)) == {boris, vera}
        assert await chain_mates(session, anna, TODAY) == {denis}
        # Anna left them when she joined Denis.
        assert await chain_mates(session, boris, TODAY) == {vera}
        assert await chain_mates(session, new_id(), TODAY) == set()


async def test_members_of_a_chain_are_those_of_its_highest_revision(stage: StageAtWork) -> None:
    chain_id, anna, boris, vera = (new_id() for _ in range(4))

    def fact(revision: int, *members: object) -> ChainRecorded:
        body = {"chain_id": chain_id, "revision": revision, "name": "Alpha", "member_ids": members}
        return ChainRecorded.model_validate({**body, "effective_from": "2025-01-09"})

    await stage.hear(fact(2, anna, vera))
    await stage.hear(fact(1, anna, boris))
    await stage.hear(fact(2, anna, vera))

    async with stage.database.reading() as session:
        assert await chain_mates(session, anna, TODAY) == {vera}


async def test_without_a_calendar_it_is_moscow_and_roubles(stage: StageAtWork) -> None:
    async with stage.database.reading() as session:
        department = await current_calendar(session)

    assert (department.calendar.zone, department.currency) == (ZoneInfo("Europe/Moscow"), "RUB")


async def test_the_calendar_of_the_highest_revision_stands(stage: StageAtWork) -> None:
    for revision, zone in ((2, "Asia/Omsk"), (1, "Europe/Samara"), (2, "Asia/Omsk")):
        body = {"revision": revision, "effective_from": "2025-01-01", "zone": zone, "currency": "KZT"}
        holidays = {"working_weekdays": [1, 2, 3], "holidays": ["2025-01-01"]}
        await stage.hear(CalendarRecorded.model_validate({**body, **holidays}))

    async with stage.database.reading() as session:
        department = await current_calendar(session)

    assert (department.calendar.zone, department.currency) == (ZoneInfo("Asia/Omsk"), "KZT")
    assert department.calendar.working_weekdays == {1, 2, 3}
    assert department.calendar.holidays == {date(2025, 1, 1)}


async def test_an_employee_who_is_just_arriving_is_waited_for(stage: StageAtWork) -> None:
    employee_id = new_id()

    waiting = asyncio.create_task(known_employee(stage.database, employee_id))
    await asyncio.sleep(0)
    await stage.hire("Boris", employee_id=employee_id)

    assert (await waiting).full_name == "Boris"


async def test_an_unknown_employee_is_a_wrong_field(stage: StageAtWork) -> None:
    with pytest.raises(Invalid) as refused:
        await known_employee(stage.database, new_id(), pointer="/owner_id")

    assert [error.pointer for error in refused.value.errors] == ["/owner_id"]


async def test_a_working_employee_has_the_role_and_is_employed_then(stage: StageAtWork) -> None:
    boris = await stage.hire(left_on=date(2026, 3, 11))

    assert (await working_employee(stage.database, boris, role="ae", at=NOW)).employee_id == boris
    with pytest.raises(Invalid):
        await working_employee(stage.database, boris, role="am", at=NOW)
    with pytest.raises(Invalid):
        await working_employee(stage.database, boris, role="ae", at=NOW + timedelta(days=1))
