"""Employees, chains, the calendar: who is announced, and whose name a name is."""

from datetime import date
from typing import Any

import pytest

from conveyor.contracts.outside import CallRecorded
from conveyor.contracts.roster import CalendarRecorded, ChainRecorded, EmployeeRecorded
from conveyor.kit.ids import new_id
from handoff_bus.calendar.announce_calendar import announce_default_calendar
from tests.handoff_bus.bus_at_work import BusAtWork
from tests.handoff_bus.events import call


async def _change(bus: BusAtWork, employee: dict[str, Any], body: dict[str, Any], *, tag: str | None = None) -> Any:
    return await bus.call("PATCH", f"/employees/{employee['id']}", body, If_Match=tag or f'"{employee["revision"]}"')


async def test_hiring_announces_the_employee(bus: BusAtWork) -> None:
    anna = await bus.hire("Anna", extension="101")
    (fact,) = await bus.said(EmployeeRecorded)
    assert (str(fact.employee_id), fact.revision, fact.full_name, fact.role) == (anna["id"], 1, "Anna", "sdr")
    assert [(one.system, one.value) for one in fact.references] == [("extension", "101")]
    assert await bus.read(f"/employees/{anna['id']}") == anna


async def test_leaving_in_the_past_with_a_successor(bus: BusAtWork) -> None:
    boris, gleb = await bus.hire("Boris", role="ae"), await bus.hire("Gleb", role="ae")
    response = await _change(bus, boris, {"left_on": "2025-10-20", "successor_id": gleb["id"]})
    assert response.status_code == 200, response.text
    assert response.headers["etag"] == '"2"'
    fact = (await bus.said(EmployeeRecorded))[-1]
    assert (fact.revision, fact.left_on, str(fact.successor_id)) == (2, date(2025, 10, 20), gleb["id"])


async def test_patch_needs_the_current_revision(bus: BusAtWork) -> None:
    anna = await bus.hire()
    missing = await bus.call("PATCH", f"/employees/{anna['id']}", {"full_name": "Анна"})
    assert missing.status_code == 428
    assert (await _change(bus, anna, {"full_name": "Анна"})).status_code == 200
    assert (await _change(bus, anna, {"full_name": "Аня"})).status_code == 412
    assert (await _change(bus, {**anna, "id": str(new_id())}, {"full_name": "Аня"})).status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"left_on": "2025-01-08"}, "/left_on"),
        ({"left_on": "soon"}, "/left_on"),
        ({"full_name": None}, "/full_name"),
        ({"full_name": "A\x00"}, None),
        ({"role": "ae"}, "/role"),
        ({"successor_id": str(new_id()), "left_on": "2025-10-20"}, "/successor_id"),
    ],
)
async def test_changes_that_make_no_sense(bus: BusAtWork, body: dict[str, Any], pointer: str | None) -> None:
    response = await _change(bus, await bus.hire(), body)
    assert response.status_code == 422, response.text
    assert pointer is None or pointer in [error["pointer"] for error in response.json()["errors"]]


async def test_successor_is_another_person_of_the_same_role(bus: BusAtWork) -> None:
    anna, boris = await bus.hire("Anna"), await bus.hire("Boris", role="ae")
    for successor in (anna, boris):
        response = await _change(bus, anna, {"left_on": "2025-10-20", "successor_id": successor["id"]})
        assert response.status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {"role": "pilot"},
        {"payroll_number": ""},
        {"hired_on": "2025-02-30"},
        {"references": [{"system": "shoe", "value": "1"}]},
        {"references": [{"system": "extension", "value": " "}]},
        {"references": [{"system": "payroll_number", "value": "other"}]},
        {"nickname": "A"},
    ],
)
async def test_hirings_that_make_no_sense(bus: BusAtWork, body: dict[str, Any]) -> None:
    whole = {"full_name": "A", "role": "sdr", "payroll_number": "1", "hired_on": "2025-01-09", "references": []}
    assert (await bus.call("POST", "/employees", whole | body)).status_code == 422


async def test_payroll_numbers_are_never_given_twice(bus: BusAtWork) -> None:
    anna = await bus.hire("Anna")
    await _change(bus, anna, {"left_on": "2025-02-01"})
    body = {"full_name": "B", "role": "sdr", "payroll_number": "Anna", "hired_on": "2025-03-01", "references": []}
    response = await bus.call("POST", "/employees", body)
    assert (response.status_code, response.json()["code"]) == (409, "payroll-number-taken")


async def test_an_extension_may_be_reused_only_after_its_owner_left(bus: BusAtWork) -> None:
    anna = await bus.hire("Anna", extension="101")
    body = {"full_name": "B", "role": "sdr", "payroll_number": "2", "hired_on": "2026-03-01"}
    taken = {**body, "references": [{"system": "extension", "value": "101"}]}
    response = await bus.call("POST", "/employees", taken)
    assert (response.status_code, response.json()["code"]) == (409, "reference-taken")

    await _change(bus, anna, {"left_on": "2026-03-01"})
    zoya = await bus.made("/employees", taken)
    back = await _change(bus, {**anna, "revision": 2}, {"left_on": None})
    assert back.status_code == 409

    for call_id, started_at in (("K1", "2026-02-28T23:59:59+03:00"), ("K2", "2026-03-01T00:00:00+03:00")):
        await bus.deliver(call(call_id, started_at=started_at))
    assert [str(fact.employee_id) for fact in await bus.said(CallRecorded)] == [anna["id"], zoya["id"]]


async def test_a_leavers_late_call_waits_and_counts_when_he_stays_after_all(bus: BusAtWork) -> None:
    anna = await bus.hire("Anna", extension="101")
    await _change(bus, anna, {"left_on": "2026-03-01"})
    delivery_id = await bus.deliver(call())
    assert await bus.state(delivery_id) == ("parked", "unknown_employee")
    await _change(bus, {**anna, "revision": 2}, {"left_on": None})
    await bus.settle()
    assert await bus.state(delivery_id) == ("published", None)


async def test_payroll_number_and_email_name_an_employee_too(bus: BusAtWork) -> None:
    await bus.hire("0101", references=[{"system": "email", "value": "Anna@Ours.example"}])
    await bus.deliver(call("K1", employee={"system": "payroll_number", "value": "0101"}))
    await bus.deliver(call("K2", employee={"system": "email", "value": "anna@ours.example"}))
    assert len(await bus.said(CallRecorded)) == 2


async def test_lists_filter(bus: BusAtWork) -> None:
    anna = await bus.hire("Anna", extension="101")
    boris = await bus.hire("Boris", role="ae")
    await _change(bus, boris, {"left_on": "2026-01-01"})

    async def ids(query: str) -> list[str]:
        return [one["id"] for one in (await bus.read(f"/employees?{query}"))["items"]]

    assert await ids("") == [anna["id"], boris["id"]]
    assert await ids("role=ae") == [boris["id"]]
    assert await ids("working_on=2026-01-01") == [anna["id"]]
    assert await ids("reference=extension%3D101") == [anna["id"]]
    page = await bus.read("/employees?limit=1")
    assert [one["id"] for one in (await bus.read(f"/employees?limit=1&cursor={page['next_cursor']}"))["items"]] == [
        boris["id"]
    ]


async def test_only_admin_changes_the_roster(bus: BusAtWork) -> None:
    for who in ("head", "integration", "payroll"):
        for path in ("/employees", "/chains", "/sources"):
            assert (await bus.call("POST", path, {}, who=who)).status_code == 403


async def test_chain_of_known_people(bus: BusAtWork) -> None:
    people = [await bus.hire(name) for name in ("Anna", "Boris")]
    members = [person["id"] for person in people]
    chain = await bus.made("/chains", {"name": "Alpha", "member_ids": members, "effective_from": "2025-01-09"})
    changed = {"name": "Alpha", "member_ids": members[:1], "effective_from": "2025-02-01"}
    put = await bus.call("PUT", f"/chains/{chain['id']}", changed, If_Match='"1"')
    assert (put.status_code, put.json()["member_ids"]) == (200, members[:1])
    assert [len(fact.member_ids) for fact in await bus.said(ChainRecorded)] == [2, 1]
    assert [one["id"] for one in (await bus.read(f"/chains?employee_id={members[0]}"))["items"]] == [chain["id"]]
    assert (await bus.read(f"/chains?employee_id={members[1]}"))["items"] == []


async def test_chain_of_unknown_or_repeated_people(bus: BusAtWork) -> None:
    anna = (await bus.hire())["id"]
    body = {"name": "A", "member_ids": [anna, str(new_id()), anna], "effective_from": "2025-01-09"}
    response = await bus.call("POST", "/chains", body)
    assert [error["pointer"] for error in response.json()["errors"]] == ["/member_ids/1", "/member_ids/2"]
    assert (await bus.call("POST", "/chains", {**body, "member_ids": []})).status_code == 422


async def test_default_calendar_is_announced_once(bus: BusAtWork) -> None:
    assert await announce_default_calendar(bus.database)
    assert not await announce_default_calendar(bus.database)
    (fact,) = await bus.said(CalendarRecorded)
    assert (fact.revision, fact.zone, fact.currency, fact.working_weekdays) == (
        *(1, "Europe/Moscow", "RUB"),
        (1, 2, 3, 4, 5),
    )
    assert (await bus.read("/calendar"))["zone"] == "Europe/Moscow"


async def test_changing_the_calendar(bus: BusAtWork) -> None:
    await announce_default_calendar(bus.database)
    body = {
        "effective_from": "2026-01-01",
        "zone": "Asia/Yekaterinburg",
        "currency": "RUB",
        "working_weekdays": [1, 2, 3, 4, 5],
        "holidays": ["2026-01-01"],
    }
    assert (await bus.call("PUT", "/calendar", body)).status_code == 428
    put = await bus.call("PUT", "/calendar", body, If_Match='"1"')
    assert (put.status_code, put.json()["revision"]) == (200, 2)
    assert (await bus.call("PUT", "/calendar", body, If_Match='"1"')).status_code == 412
    for wrong in ({"zone": "Mars/Base"}, {"currency": "ZZZ"}, {"extra_working_days": ["2026-01-01"]}):
        assert (await bus.call("PUT", "/calendar", body | wrong, If_Match='"2"')).status_code == 422
    assert [fact.revision for fact in await bus.said(CalendarRecorded)] == [1, 2]
