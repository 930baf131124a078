"""Meetings of deals: outcomes, and booking again."""

import asyncio
from datetime import timedelta

import pytest

from conveyor.contracts.closing import MeetingHeld, MeetingMissed, MeetingRebooked
from conveyor.contracts.telemarketing import MeetingCancelled
from conveyor.kit.ids import new_id
from tests.closing.deal_steps import deal, opened, pointers, refused
from tests.handoffs.stage_at_work import NOW, YESTERDAY, StageAtWork

LATER = (NOW + timedelta(days=2)).isoformat()


@pytest.mark.parametrize(("outcome", "model"), [("held", MeetingHeld), ("missed", MeetingMissed)])
async def test_an_outcome_is_said_once(
    stage: StageAtWork, outcome: str, model: type[MeetingHeld] | type[MeetingMissed]
) -> None:
    boris = await stage.hire()
    deal_id, offer = await opened(stage, boris)
    assert offer.meeting is not None
    body = {"meeting_id": str(offer.meeting.meeting_id), "outcome": outcome, "employee_id": str(boris)}

    answers = await asyncio.gather(*(stage.call("POST", f"/deals/{deal_id}/meeting-outcome", body) for _ in range(3)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    ((said, at),) = await stage.said(model)
    assert (said.meeting_id, str(said.deal_id), said.employee_id, at) == (
        offer.meeting.meeting_id,
        deal_id,
        boris,
        NOW,
    )
    assert [one["state"] for one in (await deal(stage, deal_id))["meetings"]] == [outcome]


async def test_bad_outcomes_name_the_field(stage: StageAtWork) -> None:
    boris = await stage.hire()
    deal_id, offer = await opened(stage, boris)
    assert offer.meeting is not None
    good = {"meeting_id": str(offer.meeting.meeting_id), "outcome": "held", "employee_id": str(boris)}

    for change, pointer in (
        ({"meeting_id": str(new_id())}, "/meeting_id"),
        ({"outcome": "postponed"}, "/outcome"),
        ({"occurred_at": (YESTERDAY - timedelta(seconds=1)).isoformat()}, "/occurred_at"),
        ({"occurred_at": (NOW + timedelta(seconds=1)).isoformat()}, "/occurred_at"),
        ({"mood": "good"}, "/mood"),
    ):
        response = await stage.call("POST", f"/deals/{deal_id}/meeting-outcome", {**good, **change})
        assert pointers(response) == [pointer]


async def test_a_missed_meeting_is_booked_again(stage: StageAtWork) -> None:
    boris = await stage.hire()
    deal_id, offer = await opened(stage, boris)
    assert offer.meeting is not None
    path, who = f"/deals/{deal_id}/meetings", f"ae:{boris}"

    too_early = await stage.call("POST", path, {"starts_at": LATER}, who=who)
    missed = {"meeting_id": str(offer.meeting.meeting_id), "outcome": "missed"}
    await stage.call("POST", f"/deals/{deal_id}/meeting-outcome", missed, who=who)
    booked = await stage.call("POST", path, {"starts_at": LATER, "place": "their office"}, who=who)
    past = await stage.call("POST", path, {"starts_at": NOW.isoformat()}, who=who)

    assert refused(too_early) == (409, "meeting-still-planned")
    assert booked.status_code == 201, booked.text
    assert pointers(past) == ["/starts_at"]
    ((said, _),) = await stage.said(MeetingRebooked)
    assert (str(said.meeting_id), said.place, said.employee_id) == (booked.json()["id"], "their office", boris)
    assert [one["state"] for one in (await deal(stage, deal_id))["meetings"]] == ["missed", "planned"]


async def test_a_cancelled_meeting_has_no_outcome_but_a_successor(stage: StageAtWork) -> None:
    boris = await stage.hire()
    deal_id, offer = await opened(stage, boris)
    assert offer.meeting is not None
    meeting_id = offer.meeting.meeting_id
    await stage.hear(
        MeetingCancelled(
            meeting_id=meeting_id, lead_id=offer.lead_id, handoff_id=offer.handoff_id, reason="we_cancelled"
        )
    )

    body = {"meeting_id": str(meeting_id), "outcome": "held", "employee_id": str(boris)}
    outcome = await stage.call("POST", f"/deals/{deal_id}/meeting-outcome", body)
    again = {"starts_at": LATER, "employee_id": str(boris)}
    booked = await stage.call("POST", f"/deals/{deal_id}/meetings", again)

    assert refused(outcome) == (409, "meeting-was-cancelled")
    assert booked.status_code == 201


async def test_a_late_cancellation_does_not_undo_an_outcome(stage: StageAtWork) -> None:
    boris = await stage.hire()
    deal_id, offer = await opened(stage, boris)
    assert offer.meeting is not None
    meeting_id = offer.meeting.meeting_id
    body = {"meeting_id": str(meeting_id), "outcome": "held", "employee_id": str(boris)}
    await stage.call("POST", f"/deals/{deal_id}/meeting-outcome", body)

    late = MeetingCancelled(
        meeting_id=meeting_id, lead_id=offer.lead_id, handoff_id=offer.handoff_id, reason="duplicate"
    )
    await stage.hear(late)
    await stage.hear(late)

    assert [one["state"] for one in (await deal(stage, deal_id))["meetings"]] == ["held"]
