"""Touches over HTTP."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from conveyor.contracts.handoffs import HandoffReturned
from conveyor.kit.ids import new_id
from tests.telemarketing.line import LEAD, NOW, Line, event_of, lead_named, pointers, problem


async def touch(line: Line, who: str, lead: dict[str, Any], **body: Any) -> Any:
    return await line.ask(who, "POST", f"/leads/{lead['id']}/touches", json={"kind": "letter_general", **body})


async def test_a_touch_is_said_with_its_business_time(line: Line) -> None:
    lead = await line.record(LEAD)
    at = NOW - timedelta(hours=3)

    answer = await touch(line, "Anna", lead, kind="need_identified", note="Единый учёт", occurred_at=at.isoformat())

    assert answer.status_code == 201, answer.text
    [said] = await line.said("touch_recorded")
    assert datetime.fromisoformat(said["time"]) == at
    assert said["subject"] == lead["id"]
    assert said["data"] == {
        "touch_id": answer.json()["id"],
        "lead_id": lead["id"],
        "employee_id": str(line.employees["Anna"]),
        "kind": "need_identified",
        "note": "Единый учёт",
    }


async def test_who_touches_a_lead_of_nobody_owns_it(line: Line) -> None:
    lead = await line.record(LEAD)
    await touch(line, "Anna", lead)

    worked = await line.read(lead["id"])
    assert (worked["owner_id"], worked["state"]) == (str(line.employees["Anna"]), "in_work")
    assert [one["kind"] for one in worked["history"]["touches"]] == ["letter_general"]
    problem(await touch(line, "Zoya", lead), 404)
    assert (await line.said("lead_recorded"))[-1]["data"]["owner_id"] == str(line.employees["Anna"])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "phone_call"}, "/kind"),
        ({"colour": "red"}, "/colour"),
        ({"note": "a\x00b"}, "/note"),
        ({"occurred_at": "2026-03-10T09:00:01Z"}, "/occurred_at"),
        ({"occurred_at": "2026-03-01T09:00:00Z"}, "/occurred_at"),
        ({"occurred_at": 1773133200}, "/occurred_at"),
    ],
)
async def test_a_wrong_field_is_named(line: Line, body: dict[str, Any], pointer: str) -> None:
    lead = await line.record(LEAD)

    assert pointers(await touch(line, "Anna", lead, **body)) == {pointer}
    assert await line.said("touch_recorded") == []


async def test_a_lead_that_is_not_there(line: Line) -> None:
    problem(await touch(line, "Anna", {"id": str(new_id())}), 404, "not-found")
    assert pointers(await touch(line, "Anna", {"id": "L1"})) == {"/lead_id"}


async def test_who_may_touch(line: Line) -> None:
    lead = await line.record(LEAD)
    anna, zoya = str(line.employees["Anna"]), str(line.employees["Zoya"])
    boris = str(await line.hire("Boris", role="ae"))

    problem(await touch(line, "head", lead), 403)
    problem(await touch(line, "Anna", lead, employee_id=zoya), 403)
    assert pointers(await touch(line, "integration", lead)) == {"/employee_id"}
    assert pointers(await touch(line, "integration", lead, employee_id=boris)) == {"/employee_id"}
    assert (await touch(line, "integration", lead, employee_id=anna)).status_code == 201
    # Other systems record the history of people, whoever owns the lead now.
    assert (await touch(line, "admin", lead, employee_id=zoya)).status_code == 201
    assert (await line.read(lead["id"]))["owner_id"] == anna


async def test_who_is_unknown_for_two_seconds_is_nobody(line: Line) -> None:
    lead = await line.record(LEAD)

    assert pointers(await touch(line, "integration", lead, employee_id=str(new_id()))) == {"/employee_id"}


async def test_who_left_does_nothing_any_more(line: Line) -> None:
    lead = await line.record(LEAD)
    gone = str(await line.hire("Gone", left_on="2026-03-10"))
    before_midnight, after_midnight = "2026-03-09T20:59:59Z", "2026-03-09T21:00:00Z"

    late = await touch(line, "integration", lead, employee_id=gone, occurred_at=after_midnight)
    in_time = await touch(line, "integration", lead, employee_id=gone, occurred_at=before_midnight)

    problem(late, 409, "employee-has-left")
    assert in_time.status_code == 201
    assert (await line.read(lead["id"]))["owner_id"] is None


async def test_history_comes_in_any_order_but_not_into_the_time_after_the_handoff(line: Line) -> None:
    lead = await line.record(lead_named("Ромашка"))
    anna = str(line.employees["Anna"])
    at = NOW - timedelta(days=100)
    meeting = {"starts_at": NOW.isoformat(), "occurred_at": at.isoformat(), "employee_id": anna}
    booked = (await line.ask("integration", "POST", f"/leads/{lead['id']}/meetings", json=meeting)).json()

    async def touch_at(offset: timedelta) -> Any:
        return await touch(line, "integration", lead, employee_id=anna, occurred_at=(at + offset).isoformat())

    assert (await touch_at(-timedelta(days=1))).status_code == 201
    problem(await touch_at(timedelta(days=1)), 409, "lead-handed-over")
    returned = HandoffReturned(
        handoff_id=booked["handoff_id"],
        lead_id=lead["id"],
        from_stage="telemarketing",
        to_stage="closing",
        reason="not_decision_maker",
    )
    await line.hear(event_of(returned, at=at + timedelta(days=2), service="closing"))
    problem(await touch_at(timedelta(days=1)), 409, "lead-handed-over")
    assert (await touch_at(timedelta(days=2))).status_code == 201
