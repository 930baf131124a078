"""Overdue handoffs at the receiving stage: another person, then the head, each once in any order."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest

from conveyor.contracts.envelope import Fact
from conveyor.contracts.handoffs import HandoffDueSoon, HandoffOffered, HandoffOverdue, HandoffRouted
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.events import WaitsFor
from tests.handoffs.stage_at_work import NOW, StageAtWork, offer_to


def overdue(offer: HandoffOffered, level: int) -> HandoffOverdue:
    return HandoffOverdue.model_validate(
        {
            "handoff_id": offer.handoff_id,
            "lead_id": offer.lead_id,
            "to_stage": offer.to_stage,
            "employee_id": None,
            "level": level,
            "due_at": NOW,
        }
    )


def due_soon(offer: HandoffOffered) -> HandoffDueSoon:
    return HandoffDueSoon(
        handoff_id=offer.handoff_id, lead_id=offer.lead_id, to_stage=offer.to_stage, employee_id=None, due_at=NOW
    )


async def reasons(stage: StageAtWork, handoff_id: UUID) -> list[tuple[str | None, UUID | None]]:
    said = await stage.said(HandoffRouted)
    return [(fact.reason, fact.employee_id) for fact, _ in said if fact.handoff_id == handoff_id]


async def test_the_first_time_somebody_else_the_second_time_the_head(stage: StageAtWork) -> None:
    boris, denis = sorted([await stage.hire("Boris"), await stage.hire("Denis")])
    offer = await stage.offer()
    await stage.hear(due_soon(offer), service="handoff-bus")
    assert (await stage.handoff(offer.handoff_id))["due_at"] is not None

    await stage.hear(overdue(offer, 1))
    assert (await stage.handoff(offer.handoff_id))["employee_id"] == str(denis)
    assert (await stage.call("GET", "/handoffs?escalated=true", who="head")).json()["items"] == []
    await stage.hear(overdue(offer, 2))

    listed = (await stage.call("GET", "/handoffs?escalated=true", who="head")).json()["items"]
    assert [(one["id"], one["overdue_level"]) for one in listed] == [(str(offer.handoff_id), 2)]
    assert (await stage.call("GET", "/handoffs?escalated=false", who="head")).json()["items"] == []
    assert await reasons(stage, offer.handoff_id) == [("offered", boris), ("overdue", denis), ("escalated", denis)]


async def test_any_order_and_any_repetition_re_routes_once_and_escalates_once(stage: StageAtWork) -> None:
    for name in ("a", "b", "c"):
        await stage.hire(name)
    for order in permutations(range(4)):
        offer = await stage.offer()
        facts: list[Fact] = [due_soon(offer), overdue(offer, 1), overdue(offer, 1), overdue(offer, 2)]
        for index in order:
            await stage.hear(facts[index], service="handoff-bus")

        seen = await stage.handoff(offer.handoff_id)
        said = [reason for reason, _ in await reasons(stage, offer.handoff_id)]
        assert (seen["overdue_level"], said) == (2, ["offered", "overdue", "escalated"])


async def test_what_is_overdue_before_the_offer_arrived_waits_for_it(stage: StageAtWork) -> None:
    offer = offer_to(stage.service)

    with pytest.raises(WaitsFor):
        await stage.hear(overdue(offer, 1))

    elsewhere = offer_to("account" if stage.service == "closing" else "closing")
    await stage.hear(overdue(elsewhere, 2), due_soon(elsewhere), service="handoff-bus")


async def test_with_nobody_else_it_stays_until_the_head_assigns(stage: StageAtWork) -> None:
    boris = await stage.hire("Boris")
    offer = await stage.offer()
    await stage.hear(overdue(offer, 1), overdue(offer, 2))
    assert (await stage.handoff(offer.handoff_id))["employee_id"] == str(boris)
    denis = await stage.hire("Denis")

    path = f"/handoffs/{offer.handoff_id}/assignment"
    assert (await stage.call("POST", path, {"employee_id": str(denis)}, who=f"ae:{denis}")).status_code == 403
    assert (await stage.call("POST", path, {"employee_id": str(new_id())}, who="head")).status_code == 422
    assigned = await stage.call("POST", path, {"employee_id": str(denis)}, who="head")

    assert assigned.status_code == 200, assigned.text
    assert (assigned.json()["employee_id"], assigned.json()["escalated_at"]) == (str(denis), None)
    assert (await reasons(stage, offer.handoff_id))[-1] == ("assigned", denis)
    # The head's word stands against a chain that becomes known later.
    await stage.chain(offer.offered_by, boris)
    assert (await stage.handoff(offer.handoff_id))["employee_id"] == str(denis)
    await stage.accept(offer.handoff_id, denis)
    assert (await stage.call("POST", path, {"employee_id": str(boris)}, who="head")).status_code == 409
    assert (
        await stage.call("POST", f"/handoffs/{new_id()}/assignment", {"employee_id": str(boris)}, who="head")
    ).status_code == 404


async def test_an_answered_handoff_is_left_alone(stage: StageAtWork) -> None:
    boris = await stage.hire("Boris")
    await stage.hire("Denis")
    offer = await stage.offer()
    await stage.accept(offer.handoff_id, boris)

    await stage.hear(overdue(offer, 1), overdue(offer, 2))

    seen = await stage.handoff(offer.handoff_id)
    assert (seen["state"], seen["employee_id"], seen["overdue_level"]) == ("accepted", str(boris), 0)


async def test_a_chain_does_not_take_back_what_its_member_let_run_out(stage: StageAtWork) -> None:
    anna, boris, denis = new_id(), await stage.hire("Boris"), await stage.hire("Denis")
    await stage.chain(anna, boris)
    offer = await stage.offer(by=anna, at=NOW - timedelta(days=2))
    await stage.hear(overdue(offer, 1))

    await stage.hire("Boris", employee_id=boris, revision=2)

    assert (await stage.handoff(offer.handoff_id))["employee_id"] == str(denis)
