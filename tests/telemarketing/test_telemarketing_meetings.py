"""Meetings over HTTP: booking offers the lead to closing."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from conveyor.contracts.closing import MeetingHeld
from conveyor.contracts.handoffs import HandoffAccepted, HandoffReturned, HandoffWithdrawn
from conveyor.kit.ids import new_id
from tests.telemarketing.line import LEAD, NOW, Line, event_of, lead_named, pointers, problem

TOMORROW = (NOW + timedelta(days=1)).isoformat()
BETWEEN: dict[str, Any] = {"from_stage": "telemarketing", "to_stage": "closing"}


async def book(line: Line, who: str, lead: dict[str, Any], **body: Any) -> Any:
    return await line.ask(who, "POST", f"/leads/{lead['id']}/meetings", json={"starts_at": TOMORROW, **body})


async def cancel(line: Line, who: str, meeting: dict[str, Any], **body: Any) -> Any:
    path = f"/meetings/{meeting['id']}/cancellation"
    return await line.ask(who, "POST", path, json={"reason": "client_cancelled", **body})


async def test_booking_says_the_meeting_and_offers_everything_the_next_person_needs(line: Line) -> None:
    lead = await line.record(LEAD)
    for kind, note in (("gatekeeper_passed", None), ("need_identified", "Учёт"), ("need_identified", "Склад")):
        await line.ask("Anna", "POST", f"/leads/{lead['id']}/touches", json={"kind": kind, "note": note})
    at = NOW - timedelta(minutes=5)
    contact_id = lead["contacts"][0]["contact_id"]

    answer = await book(
        line, "Anna", lead, contact_id=contact_id, place="Офис", introduction_wanted=True, occurred_at=at.isoformat()
    )

    assert answer.status_code == 201, answer.text
    meeting = answer.json()
    assert meeting["handoff"] == {
        "id": meeting["handoff_id"],
        "lead_id": lead["id"],
        "state": "offered",
        "to_stage": "closing",
    }
    [booked], [offered] = await line.said("meeting_booked"), await line.said("handoff_offered")
    assert booked["data"]["meeting_id"] == offered["data"]["meeting"]["meeting_id"] == meeting["id"]
    assert booked["data"]["handoff_id"] == offered["data"]["handoff_id"] == meeting["handoff_id"]
    assert booked["subject"] == offered["subject"] == lead["id"]
    assert datetime.fromisoformat(booked["time"]) == datetime.fromisoformat(offered["time"]) == at
    offer = offered["data"]
    assert offer["offered_by"] == str(line.employees["Anna"])
    assert offer["company"]["name"] == "Ромашка"
    assert offer["contacts"][0]["contact_id"] == offer["meeting"]["contact_id"] == contact_id
    assert sorted(offer["needs"].split("\n")) == ["Склад", "Учёт"]
    assert len(offer["touches"]) == 3
    assert offer["introduction_wanted"] is True
    read = await line.read(lead["id"])
    assert read["state"] == "handed_over"
    assert read["history"]["meetings"][0]["state"] == "booked"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"starts_at": NOW.isoformat()}, "/starts_at"),
        ({"starts_at": (NOW - timedelta(days=1)).isoformat()}, "/starts_at"),
        ({"occurred_at": (NOW + timedelta(seconds=1)).isoformat()}, "/occurred_at"),
        ({"contact_id": str(new_id())}, "/contact_id"),
        ({"place": "a\x00b"}, "/place"),
        ({"room": "1"}, "/room"),
    ],
)
async def test_a_wrong_field_is_named(line: Line, body: dict[str, Any], pointer: str) -> None:
    lead = await line.record(LEAD)

    assert pointers(await book(line, "Anna", lead, **body)) == {pointer}
    assert await line.said("handoff_offered") == []


async def test_a_second_meeting_waits_for_the_leads_return(line: Line) -> None:
    lead = await line.record(LEAD)
    first = (await book(line, "Anna", lead)).json()

    problem(await book(line, "Anna", lead), 409, "lead-already-handed-over")
    returned = HandoffReturned(handoff_id=first["handoff_id"], lead_id=lead["id"], reason="no_need", **BETWEEN)
    await line.hear(event_of(returned, at=NOW, service="closing"))
    assert (await line.read(lead["id"]))["state"] == "returned"
    second = await book(line, "Anna", lead)
    assert second.status_code == 201, second.text
    accepted = HandoffAccepted(
        handoff_id=second.json()["handoff_id"], lead_id=lead["id"], employee_id=new_id(), deal_id=new_id(), **BETWEEN
    )
    await line.hear(event_of(accepted, at=NOW, service="closing"))
    problem(await book(line, "Anna", lead), 409, "lead-already-handed-over")
    assert (await line.read(lead["id"]))["state"] == "at_closing"


async def test_a_lead_is_with_closing_though_its_meeting_is_dated_before_an_earlier_return(line: Line) -> None:
    lead = await line.record(LEAD)
    first = (await book(line, "Anna", lead, occurred_at=(NOW - timedelta(hours=2)).isoformat())).json()
    returned = HandoffReturned(handoff_id=first["handoff_id"], lead_id=lead["id"], reason="no_need", **BETWEEN)
    await line.hear(event_of(returned, at=NOW - timedelta(hours=1), service="closing"))

    second = await book(line, "Anna", lead, occurred_at=(NOW - timedelta(hours=3)).isoformat())

    assert second.status_code == 201, second.text
    assert (await line.read(lead["id"]))["state"] == "handed_over"
    line.clock.set(NOW + timedelta(days=2))
    assert (await line.ask("Anna", "POST", "/queue/next")).status_code == 204


async def test_no_meeting_is_booked_inside_a_time_in_which_the_lead_was_handed_over(line: Line) -> None:
    lead = await line.record(LEAD)
    offered_at, returned_at = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
    first = (await book(line, "Anna", lead, occurred_at=offered_at.isoformat())).json()
    returned = HandoffReturned(handoff_id=first["handoff_id"], lead_id=lead["id"], reason="no_need", **BETWEEN)
    await line.hear(event_of(returned, at=returned_at, service="closing"))

    for inside in (offered_at, returned_at - timedelta(microseconds=1)):
        problem(await book(line, "Anna", lead, occurred_at=inside.isoformat()), 409, "lead-handed-over")
    assert len(await line.said("meeting_booked")) == 1
    assert (await book(line, "Anna", lead, occurred_at=returned_at.isoformat())).status_code == 201


async def test_a_booking_waits_a_moment_for_a_return_on_its_way(line: Line) -> None:
    lead = await line.record(LEAD)
    first = (await book(line, "Anna", lead)).json()
    returned = HandoffReturned(handoff_id=first["handoff_id"], lead_id=lead["id"], reason="no_need", **BETWEEN)

    second, _ = await asyncio.gather(book(line, "Anna", lead), line.hear(event_of(returned, at=NOW, service="closing")))

    assert second.status_code == 201, second.text


async def test_of_two_bookings_at_once_one_is_refused(line: Line) -> None:
    lead = await line.record(LEAD)

    answers = await asyncio.gather(*[book(line, "Anna", lead) for _ in range(8)])

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert len(await line.said("handoff_offered")) == 1


async def test_a_cancellation_is_said_once(line: Line) -> None:
    lead = await line.record(LEAD)
    meeting = (await book(line, "Anna", lead, occurred_at=(NOW - timedelta(hours=2)).isoformat())).json()
    at = NOW - timedelta(hours=1)

    problem(await cancel(line, "Zoya", meeting), 404)
    too_early = (NOW - timedelta(hours=3)).isoformat()
    assert pointers(await cancel(line, "Anna", meeting, occurred_at=too_early)) == {"/occurred_at"}
    assert pointers(await cancel(line, "Anna", meeting, reason="rain")) == {"/reason"}
    cancelled = await cancel(line, "Anna", meeting, occurred_at=at.isoformat())
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    problem(await cancel(line, "Anna", meeting), 409, "meeting-already-cancelled")
    [said] = await line.said("meeting_cancelled")
    assert datetime.fromisoformat(said["time"]) == at
    assert said["data"]["handoff_id"] == meeting["handoff_id"]
    withdrawn = HandoffWithdrawn(
        handoff_id=meeting["handoff_id"], lead_id=lead["id"], reason="meeting_cancelled", **BETWEEN
    )
    await line.hear(event_of(withdrawn, at=at, service="closing"))
    assert (await book(line, "Anna", lead)).status_code == 201


async def test_a_meeting_held_cannot_be_cancelled(line: Line) -> None:
    lead = await line.record(LEAD)
    meeting = (await book(line, "Anna", lead)).json()
    held = MeetingHeld(meeting_id=meeting["id"], lead_id=lead["id"], deal_id=new_id(), employee_id=new_id())
    await line.hear(event_of(held, at=NOW, service="closing"))

    problem(await cancel(line, "integration", meeting), 409, "meeting-already-over")
    assert (await line.ask("Anna", "GET", f"/meetings/{meeting['id']}")).json()["state"] == "held"


async def test_lists_show_an_sdr_his_own(line: Line) -> None:
    made: dict[str, UUID] = {}
    for who in ("Anna", "Zoya"):
        lead = await line.record(lead_named(f"Лид {who}"))
        made[who] = (await book(line, who, lead)).json()["id"]

    for path in ("/meetings", "/handoffs"):
        assert len((await line.ask("head", "GET", path)).json()["items"]) == 2
        [own] = (await line.ask("Anna", "GET", path)).json()["items"]
        assert made["Anna"] in {own["id"], own.get("meeting_id")}
    offered = (await line.ask("head", "GET", "/handoffs", params={"state": "offered"})).json()["items"]
    assert {"id", "lead_id", "state"} <= offered[0].keys()
    assert (await line.ask("head", "GET", "/handoffs", params={"state": "accepted"})).json()["items"] == []
    booked = (await line.ask("head", "GET", "/meetings", params={"state": "booked", "limit": 1})).json()
    assert booked["next_cursor"] is not None
    problem(await line.ask("Zoya", "GET", f"/meetings/{made['Anna']}"), 404)
