"""Accepting and returning: who may, when, once; and the meeting that is cancelled meanwhile."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from conveyor.contracts.closing import DealOpened
from conveyor.contracts.handoffs import HandoffAccepted, HandoffReturned, HandoffWithdrawn
from conveyor.contracts.telemarketing import MeetingCancelled
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.events import WaitsFor
from tests.handoffs.stage_at_work import NOW, YESTERDAY, StageAtWork, offer_to


def cancelled(offer: Any) -> MeetingCancelled:
    return MeetingCancelled(
        meeting_id=offer.meeting.meeting_id,
        lead_id=offer.lead_id,
        handoff_id=offer.handoff_id,
        reason="client_cancelled",
    )


async def test_acceptance_is_said_with_its_deal_and_business_time(stage: StageAtWork) -> None:
    boris = await stage.hire()
    offer = await stage.offer(at=NOW - timedelta(days=200))

    answer = await stage.accept(offer.handoff_id, boris, at=NOW - timedelta(days=199))

    assert (answer["id"], answer["state"], answer["employee_id"]) == (str(offer.handoff_id), "accepted", str(boris))
    ((accepted, at),) = await stage.said(HandoffAccepted)
    ((opened, opened_at),) = await stage.said(DealOpened)
    assert at == opened_at == NOW - timedelta(days=199)
    assert str(accepted.deal_id) == str(opened.deal_id) == answer["deal_id"]
    assert (accepted.from_stage, accepted.to_stage, accepted.employee_id) == ("telemarketing", "closing", boris)


async def test_an_ae_accepts_what_is_routed_to_him_without_a_body(stage: StageAtWork) -> None:
    boris = await stage.hire()
    offer = await stage.offer()

    response = await stage.call("POST", f"/handoffs/{offer.handoff_id}/acceptance", who=f"ae:{boris}")

    assert response.status_code == 201, response.text
    assert response.json()["answered_at"] == "2026-03-10T09:00:00Z"


@pytest.mark.parametrize("second", ["acceptance", "return"])
@pytest.mark.parametrize(
    ("first", "code"), [("acceptance", "handoff-already-accepted"), ("return", "handoff-already-returned")]
)
async def test_a_handoff_is_answered_once(stage: StageAtWork, first: str, second: str, code: str) -> None:
    boris = await stage.hire()
    offer = await stage.offer()
    bodies: dict[str, Any] = {"acceptance": {}, "return": {"reason": "no_need", "note": "later"}}
    who = f"ae:{boris}"

    answered = await stage.call("POST", f"/handoffs/{offer.handoff_id}/{first}", bodies[first], who=who)
    again = await stage.call("POST", f"/handoffs/{offer.handoff_id}/{second}", bodies[second], who=who)

    assert answered.is_success, answered.text
    assert (again.status_code, again.json()["code"]) == (409, code)


async def test_a_return_is_said_with_its_reason(stage: StageAtWork) -> None:
    boris = await stage.hire()
    offer = await stage.offer()

    body = {"reason": "not_decision_maker", "note": "secretary", "employee_id": str(boris)}
    response = await stage.call("POST", f"/handoffs/{offer.handoff_id}/return", body)

    assert response.json()["state"] == "returned"
    ((said, at),) = await stage.said(HandoffReturned)
    assert (said.reason, said.note, said.employee_id, at) == ("not_decision_maker", "secretary", boris, NOW)


async def test_somebody_elses_handoff_is_not_there(stage: StageAtWork) -> None:
    anna, boris, denis = new_id(), await stage.hire("Boris"), await stage.hire("Denis")
    await stage.chain(anna, boris)
    offer = await stage.offer(by=anna)

    for method, path in (("GET", ""), ("POST", "/acceptance")):
        response = await stage.call(method, f"/handoffs/{offer.handoff_id}{path}", who=f"ae:{denis}")
        assert response.status_code == 404
    assert (await stage.call("GET", "/handoffs", who=f"ae:{denis}")).json()["items"] == []
    assert (await stage.handoff(offer.handoff_id))["state"] == "offered"


@pytest.mark.parametrize("role", ["head", "sdr", "am", "payroll", "auditor", "marketing"])
async def test_only_the_receiving_role_answers(stage: StageAtWork, role: str) -> None:
    offer = await stage.offer()

    response = await stage.call("POST", f"/handoffs/{offer.handoff_id}/acceptance", who=f"{role}:{new_id()}")

    assert response.status_code == 403


async def test_an_ae_cannot_name_another(stage: StageAtWork) -> None:
    boris, denis = await stage.hire("Boris"), await stage.hire("Denis")
    offer = await stage.offer()

    body = {"employee_id": str(denis)}
    response = await stage.call("POST", f"/handoffs/{offer.handoff_id}/acceptance", body, who=f"ae:{boris}")

    assert response.status_code == 403


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"occurred_at": (NOW + timedelta(seconds=1)).isoformat()}, "/occurred_at"),
        ({"occurred_at": (YESTERDAY - timedelta(seconds=1)).isoformat()}, "/occurred_at"),
        ({"occurred_at": "2026-03-10T09:00:00"}, "/occurred_at"),
        ({"occurred_at": 1773133200}, "/occurred_at"),
        ({"employee_id": None}, "/employee_id"),
        ({"employee_id": "sdr"}, "/employee_id"),
        ({"employee_id": "late"}, "/employee_id"),
        ({"employee_id": "Boris"}, "/employee_id"),
        ({"colour": "red"}, "/colour"),
    ],
)
async def test_bad_acceptances_name_the_field(stage: StageAtWork, change: dict[str, Any], pointer: str) -> None:
    people = {
        "boris": await stage.hire(),
        "sdr": await stage.hire("Anna", role="sdr"),
        "late": await stage.hire("Late", hired_on=(NOW + timedelta(days=1)).date()),
    }
    offer = await stage.offer()
    body = {"employee_id": "boris", **change}
    body["employee_id"] = str(people.get(body["employee_id"], body["employee_id"])) if body["employee_id"] else None

    response = await stage.call("POST", f"/handoffs/{offer.handoff_id}/acceptance", body)

    assert response.status_code == 422, response.text
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


@pytest.mark.parametrize("body", [{"reason": "bad weather"}, {}, {"reason": "other", "note": "a\x00b"}])
async def test_bad_returns_are_refused(stage: StageAtWork, body: dict[str, Any]) -> None:
    boris = await stage.hire()
    offer = await stage.offer()

    response = await stage.call("POST", f"/handoffs/{offer.handoff_id}/return", body, who=f"ae:{boris}")

    assert response.status_code == 422, response.text


async def test_an_unknown_handoff_is_404_and_one_on_its_way_is_waited_for(stage: StageAtWork) -> None:
    boris = await stage.hire()
    offer = offer_to("closing")

    waiting = asyncio.create_task(stage.accept(offer.handoff_id, boris))
    await asyncio.sleep(0)
    await stage.hear(offer)
    unknown = await stage.call("POST", f"/handoffs/{new_id()}/acceptance", who=f"ae:{boris}")

    assert (await waiting)["state"] == "accepted"
    assert unknown.status_code == 404


async def test_of_two_acceptances_at_once_one_wins(stage: StageAtWork) -> None:
    boris, denis = await stage.hire("Boris"), await stage.hire("Denis")
    offer = await stage.offer()
    path = f"/handoffs/{offer.handoff_id}/acceptance"

    answers = await asyncio.gather(
        *(stage.call("POST", path, {"employee_id": str(one)}) for one in (boris, denis, boris, denis))
    )

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert len(await stage.said(DealOpened)) == 1


async def test_a_cancelled_meeting_withdraws_an_offered_handoff(stage: StageAtWork) -> None:
    boris = await stage.hire()
    offer = await stage.offer()

    await stage.hear(cancelled(offer), at=NOW)
    await stage.hear(cancelled(offer), at=NOW)
    late = await stage.call("POST", f"/handoffs/{offer.handoff_id}/acceptance", who=f"ae:{boris}")

    ((said, at),) = await stage.said(HandoffWithdrawn)
    assert (said.handoff_id, said.reason, at) == (offer.handoff_id, "meeting_cancelled", NOW)
    assert (late.status_code, late.json()["code"]) == (409, "handoff-withdrawn")


async def test_a_cancellation_that_overtook_its_offer_waits_for_it(stage: StageAtWork) -> None:
    offer = offer_to("closing")

    with pytest.raises(WaitsFor) as waits:
        await stage.hear(cancelled(offer))
    await stage.hear(offer)
    await stage.hear(cancelled(offer))

    assert (waits.value.thing, waits.value.key) == ("handoff", str(offer.handoff_id))
    assert (await stage.handoff(offer.handoff_id))["state"] == "withdrawn"


async def test_an_accepted_handoff_stays_and_its_meeting_is_cancelled(stage: StageAtWork) -> None:
    boris = await stage.hire()
    offer = await stage.offer()
    deal_id = (await stage.accept(offer.handoff_id, boris))["deal_id"]

    await stage.hear(cancelled(offer))

    assert (await stage.handoff(offer.handoff_id))["state"] == "accepted"
    deal = (await stage.call("GET", f"/deals/{deal_id}", who="head")).json()
    assert [meeting["state"] for meeting in deal["meetings"]] == ["cancelled"]
    assert await stage.said(HandoffWithdrawn) == []


async def test_acceptance_against_cancellation_has_one_winner(stage: StageAtWork) -> None:
    boris = await stage.hire()
    for _ in range(5):
        offer = await stage.offer()
        body = {"employee_id": str(boris)}

        answer, _ = await asyncio.gather(
            stage.call("POST", f"/handoffs/{offer.handoff_id}/acceptance", body), stage.hear(cancelled(offer))
        )

        state = (await stage.handoff(offer.handoff_id))["state"]
        assert (answer.status_code, state) in {(201, "accepted"), (409, "withdrawn")}


async def test_a_repeated_request_gets_the_first_answer(stage: StageAtWork) -> None:
    boris = await stage.hire()
    offer = await stage.offer()
    body = {"employee_id": str(boris)}
    path = f"/handoffs/{offer.handoff_id}/acceptance"

    first = await stage.call("POST", path, body, idempotency_key="once")
    second = await stage.call("POST", path, body, idempotency_key="once")

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()


async def test_the_inbox_filters_and_pages(stage: StageAtWork) -> None:
    boris = await stage.hire()
    offers = [await stage.offer() for _ in range(3)]
    await stage.accept(offers[0].handoff_id, boris)

    first = (await stage.call("GET", "/handoffs?state=offered&limit=1", who=f"ae:{boris}")).json()
    rest = (await stage.call("GET", f"/handoffs?state=offered&cursor={first['next_cursor']}", who=f"ae:{boris}")).json()
    of_lead = (await stage.call("GET", f"/handoffs?lead_id={offers[0].lead_id}&employee_id={boris}", who="head")).json()

    assert [item["id"] for item in first["items"] + rest["items"]] == [str(one.handoff_id) for one in offers[1:]]
    assert rest["next_cursor"] is None
    assert [item["state"] for item in of_lead["items"]] == ["accepted"]
    assert (await stage.call("GET", "/handoffs?state=lost", who="head")).status_code == 422
