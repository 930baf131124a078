"""A lead that closing gave back is accepted by itself and is in the queue again on its day, whatever comes first."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

from conveyor.contracts.closing import DealLost
from conveyor.contracts.handoffs import HandoffAccepted, HandoffOffered
from conveyor.contracts.values import Company
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.events import Event
from tests.telemarketing.line import NOW, Line, event_of, lead_named, problem

RESUME_ON = date(2026, 6, 1)
# 00:00 in Moscow.
RESUME_AT = datetime(2026, 5, 31, 21, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)


async def handed_over(line: Line, name: str) -> tuple[str, UUID]:
    """A lead of Anna's with a booked meeting, and the handoff."""
    lead = await line.record(lead_named(name), who="anna")
    booked = await line.ask(
        "anna", "POST", f"/leads/{lead['id']}/meetings", json={"starts_at": (NOW + timedelta(days=1)).isoformat()}
    )
    assert booked.status_code == 201, booked.text
    return lead["id"], UUID(booked.json()["handoff_id"])


def story(lead_id: str, handoff_id: UUID) -> list[Event[Any]]:
    """Accepted, lost and offered back."""
    boris, deal_id, lead = new_id(), new_id(), UUID(lead_id)
    stages: dict[str, Any] = {"from_stage": "telemarketing", "to_stage": "closing"}
    accepted = HandoffAccepted(handoff_id=handoff_id, lead_id=lead, **stages, employee_id=boris, deal_id=deal_id)
    lost = DealLost(deal_id=deal_id, lead_id=lead, employee_id=boris, reason="timing")
    back = HandoffOffered(
        handoff_id=new_id(),
        lead_id=lead,
        from_stage="closing",
        to_stage="telemarketing",
        offered_by=boris,
        company=Company(name="R"),
        deal_id=deal_id,
        resume_on=RESUME_ON,
        nurture_reason="timing",
        ends_handoff_id=handoff_id,
    )
    return [
        event_of(accepted, at=NOW + timedelta(hours=1), service="closing"),
        event_of(lost, at=LATER, service="closing"),
        event_of(back, at=LATER, service="closing"),
    ]


async def test_whatever_comes_first_it_waits_for_its_day(line: Line) -> None:
    anna = await line.hire("anna")
    for number, order in enumerate(permutations(range(3))):
        lead_id, handoff_id = await handed_over(line, f"R{number}")
        events = story(lead_id, handoff_id)
        for index in order:
            await line.hear(events[index], events[index])

        assert (await line.read(lead_id))["state"] == "returned"
        listed = await line.ask("anna", "GET", f"/handoffs?lead_id={lead_id}")
        assert [(one["state"], one["reason"]) for one in listed.json()["items"]] == [("nurtured", "timing")]
    accepted = [body["data"] for body in await line.said("handoff_accepted")]
    assert [(one["to_stage"], one["employee_id"]) for one in accepted] == [("telemarketing", str(anna))] * 6


async def test_the_queue_gives_it_on_the_day_and_not_before(line: Line) -> None:
    await line.hire("anna")
    lead_id, handoff_id = await handed_over(line, "R")
    await line.hear(*story(lead_id, handoff_id))

    line.clock.set(RESUME_AT - timedelta(minutes=1))
    assert (await line.ask("anna", "POST", "/queue/next")).status_code == 204
    line.clock.set(RESUME_AT)
    given = await line.ask("anna", "POST", "/queue/next")

    assert (given.status_code, given.json()["lead_id"]) == (200, lead_id)


async def test_it_may_be_handed_over_again_and_worked_on_but_not_while_it_was_at_closing(line: Line) -> None:
    await line.hire("anna")
    lead_id, handoff_id = await handed_over(line, "R")
    await line.hear(*story(lead_id, handoff_id))
    line.clock.set(RESUME_AT)
    while_away = {"kind": "gatekeeper_passed", "occurred_at": (NOW + timedelta(hours=1)).isoformat()}

    refused = await line.ask(
        "integration",
        "POST",
        f"/leads/{lead_id}/touches",
        json={**while_away, "employee_id": str(line.employees["anna"])},
    )
    problem(refused, 409, "lead-handed-over")
    again = await line.ask(
        "anna", "POST", f"/leads/{lead_id}/meetings", json={"starts_at": (RESUME_AT + timedelta(days=1)).isoformat()}
    )

    assert again.status_code == 201, again.text
    assert (await line.read(lead_id))["state"] == "handed_over"


async def test_a_deal_lost_without_a_date_still_loses_the_lead(line: Line) -> None:
    await line.hire("anna")
    lead_id, handoff_id = await handed_over(line, "R")
    accepted, lost, _ = story(lead_id, handoff_id)

    await line.hear(accepted, lost)

    assert (await line.read(lead_id))["state"] == "lost"
