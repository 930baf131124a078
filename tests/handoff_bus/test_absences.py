"""Absences at the bus: whole state, half-open days, no day twice."""

import asyncio
from datetime import date

from conveyor.contracts.roster import AbsenceRecorded, EmployeeRecorded
from conveyor.kit.ids import new_id
from tests.handoff_bus.bus_at_work import BusAtWork

JULY = {"from": "2026-07-06", "until": "2026-07-20", "kind": "vacation"}


async def test_recorded_listed_and_cancelled(bus: BusAtWork) -> None:
    anna = (await bus.hire())["id"]

    made = await bus.call("POST", f"/employees/{anna}/absences", JULY, who="head")
    assert made.status_code == 201, made.text
    assert {name: made.json()[name] for name in JULY} == JULY
    assert [item["id"] for item in (await bus.read(f"/employees/{anna}/absences"))["items"]] == [made.json()["id"]]

    path = f"/employees/{anna}/absences/{made.json()['id']}"
    assert (await bus.call("DELETE", path)).status_code == 428
    assert (await bus.call("DELETE", path, If_Match='"7"')).status_code == 412
    assert (await bus.call("DELETE", path, If_Match=made.headers["ETag"])).status_code == 204
    assert (await bus.call("DELETE", path, If_Match='"2"')).status_code == 404
    assert (await bus.read(f"/employees/{anna}/absences"))["items"] == []

    said = await bus.said(AbsenceRecorded)
    assert [(fact.revision, fact.cancelled) for fact in said] == [(1, False), (2, True)]
    assert (said[0].from_on, said[0].until_on) == (date(2026, 7, 6), date(2026, 7, 20))


async def test_the_kind_is_seen_by_himself_and_by_those_who_plan(bus: BusAtWork) -> None:
    anna, zoya = (await bus.hire())["id"], (await bus.hire("Zoya"))["id"]
    path = f"/employees/{anna}/absences"
    await bus.made(path, {**JULY, "kind": "sick_leave"}, who="head")

    seen = {
        who: (await bus.read(path, who=who))["items"][0]["kind"]
        for who in ("admin", "head", "payroll", "auditor", f"sdr:{anna}", f"sdr:{zoya}", "marketing", "integration")
    }

    know = {"admin", "head", "payroll", "auditor", f"sdr:{anna}"}
    assert seen == {who: "sick_leave" if who in know else None for who in seen}


async def test_no_day_twice_also_at_once(bus: BusAtWork) -> None:
    anna = (await bus.hire())["id"]

    answers = await asyncio.gather(*[bus.call("POST", f"/employees/{anna}/absences", JULY) for _ in range(5)])

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    after = {**JULY, "from": "2026-07-20", "until": "2026-07-21"}
    assert (await bus.call("POST", f"/employees/{anna}/absences", after)).status_code == 201


async def test_bad_input_is_refused(bus: BusAtWork) -> None:
    anna = (await bus.hire())["id"]

    for body in ({**JULY, "until": "2026-07-06"}, {**JULY, "kind": "strike"}, {**JULY, "note": 1}, {}):
        assert (await bus.call("POST", f"/employees/{anna}/absences", body)).status_code == 422
    assert (await bus.call("POST", f"/employees/{new_id()}/absences", JULY)).status_code == 404
    assert (await bus.call("POST", f"/employees/{anna}/absences", JULY, who="sdr")).status_code == 403
    assert (await bus.call("GET", f"/employees/{new_id()}/absences")).status_code == 404


async def test_capacity_is_said_with_the_employee(bus: BusAtWork) -> None:
    anna = await bus.hire(open_handoffs_max=3)
    path = f"/employees/{anna['id']}"

    changed = await bus.call("PATCH", path, {"open_handoffs_max": None}, If_Match='"1"')

    assert (changed.status_code, changed.json()["open_handoffs_max"]) == (200, None)
    assert (await bus.call("PATCH", path, {"open_handoffs_max": -1}, If_Match='"2"')).status_code == 422
    assert [fact.open_handoffs_max for fact in await bus.said(EmployeeRecorded)] == [3, None]
