"""Handoffs and journeys from the stages' facts, in any order and however often."""

from datetime import timedelta
from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conveyor.contracts.closing import ContractSigned
from conveyor.contracts.envelope import Fact
from conveyor.contracts.handoffs import (
    HandoffAccepted,
    HandoffOffered,
    HandoffReturned,
    HandoffRouted,
    HandoffWithdrawn,
)
from conveyor.contracts.telemarketing import LeadRecorded, TouchRecorded
from conveyor.contracts.values import Company
from conveyor.kit.ids import new_id
from handoff_bus.handoffs.rules import Said, watched
from tests.handoff_bus.bus_at_work import NOW, YESTERDAY, BusAtWork

STAGES: dict[str, Any] = {"from_stage": "telemarketing", "to_stage": "closing"}


def _life(end: type[Fact] | None = None) -> tuple[dict[str, Any], list[Fact]]:
    names: dict[str, Any] = {"handoff_id": new_id(), "lead_id": new_id()}
    anna, boris = new_id(), new_id()
    facts: list[Fact] = [
        HandoffOffered(**names, **STAGES, offered_by=anna, company=Company(name="Ромашка")),
        HandoffRouted(**names, to_stage="closing", employee_id=boris),
    ]
    if end is HandoffAccepted:
        facts.append(HandoffAccepted(**names, **STAGES, employee_id=boris, deal_id=new_id()))
    if end is HandoffReturned:
        facts.append(HandoffReturned(**names, **STAGES, employee_id=boris, reason="no_need", note="later"))
    if end is HandoffWithdrawn:
        facts.append(HandoffWithdrawn(**names, **STAGES, reason="meeting_cancelled"))
    return {**names, "anna": anna, "boris": boris}, facts


async def test_handoffs_come_out_the_same_in_every_order(bus: BusAtWork) -> None:
    for end, state in (
        (HandoffAccepted, "accepted"),
        (HandoffReturned, "returned"),
        (HandoffWithdrawn, "withdrawn"),
        (None, "offered"),
    ):
        for order in permutations(range(3 if end else 2)):
            names, facts = _life(end)
            for index in order:
                await bus.hear(facts[index], at=YESTERDAY + timedelta(minutes=index))
            seen = await bus.read(f"/handoffs/{names['handoff_id']}")
            assert (seen["state"], seen["to_stage"], seen["from_stage"]) == (state, "closing", "telemarketing")
            assert (seen["offered_by"], seen["employee_id"]) == (str(names["anna"]), str(names["boris"]))
            assert [step["fact"] for step in seen["history"]] == ["offered", "routed", state][: len(facts)]


async def test_handoffs_are_listed_by_what_one_asks_for(bus: BusAtWork) -> None:
    accepted, facts = _life(HandoffAccepted)
    await bus.hear(*facts)
    offered, facts = _life()
    await bus.hear(*facts)

    async def ids(query: str) -> list[str]:
        return [one["id"] for one in (await bus.read(f"/handoffs?{query}"))["items"]]

    assert await ids("state=offered&stage=closing") == [str(offered["handoff_id"])]
    assert await ids(f"lead_id={accepted['lead_id']}") == [str(accepted["handoff_id"])]
    assert await ids(f"employee_id={offered['boris']}") == [str(offered["handoff_id"])]
    assert await ids("stage=account") == []
    assert (await bus.call("GET", "/handoffs?state=lost", who="head")).status_code == 422
    assert (await bus.call("GET", f"/handoffs/{new_id()}", who="head")).status_code == 404


FACTS = st.lists(
    st.builds(
        Said,
        event_id=st.uuids(version=4),
        fact=st.sampled_from(["offered", "routed", "accepted", "returned", "withdrawn"]),
        occurred_at=st.datetimes(min_value=NOW.replace(tzinfo=None)),
        recorded_at=st.datetimes(min_value=NOW.replace(tzinfo=None)),
        employee_id=st.uuids(version=4) | st.none(),
        reason=st.sampled_from(["no_need", None]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda said: said.event_id,
)


@given(FACTS, st.randoms(use_true_random=False))
def test_state_does_not_depend_on_order_or_repetition(facts: list[Said], random: Any) -> None:
    shuffled = facts + facts[:2]
    random.shuffle(shuffled)
    assert watched(shuffled) == watched(facts)


async def test_journey_is_the_leads_life_oldest_first(bus: BusAtWork) -> None:
    lead_id, anna = new_id(), new_id()
    lead = LeadRecorded(lead_id=lead_id, revision=1, company=Company(name="R"), channel="list", mechanics="cold")
    touch = TouchRecorded(touch_id=new_id(), lead_id=lead_id, employee_id=anna, kind="gatekeeper_passed")
    signed = ContractSigned(deal_id=new_id(), lead_id=lead_id, employee_id=new_id(), number="C-17", signed_at=YESTERDAY)
    await bus.hear(signed, at=YESTERDAY)
    await bus.hear(touch, at=YESTERDAY - timedelta(days=2))
    await bus.hear(lead, at=YESTERDAY - timedelta(days=3))

    steps = (await bus.read(f"/journeys/{lead_id}"))["items"]
    assert [(step["type"], step["summary"]) for step in steps] == [
        ("lead_recorded", "R, list, cold"),
        ("touch_recorded", "gatekeeper_passed"),
        ("contract_signed", "C-17"),
    ]
    assert steps[1]["employee_id"] == str(anna)
    page = await bus.read(f"/journeys/{lead_id}?limit=2")
    rest = await bus.read(f"/journeys/{lead_id}?limit=2&cursor={page['next_cursor']}")
    assert [step["event_id"] for step in page["items"] + rest["items"]] == [step["event_id"] for step in steps]


async def test_people_of_the_line_see_the_journeys_they_have_a_part_in(bus: BusAtWork) -> None:
    lead_id, anna = new_id(), new_id()
    await bus.hear(TouchRecorded(touch_id=new_id(), lead_id=lead_id, employee_id=anna, kind="need_identified"))
    assert (await bus.call("GET", f"/journeys/{lead_id}", who=f"sdr:{anna}")).status_code == 200
    assert (await bus.call("GET", f"/journeys/{lead_id}", who=f"ae:{new_id()}")).status_code == 404
    assert (await bus.call("GET", f"/journeys/{new_id()}", who="head")).status_code == 404
    assert (await bus.call("GET", f"/journeys/{lead_id}", who="payroll")).status_code == 403
