"""A client offered to closing for another deal: one open offer at a time, and the client stays."""

import asyncio
from datetime import timedelta
from typing import Any

from conveyor.contracts.handoffs import HandoffAccepted, HandoffOffered, HandoffReturned
from conveyor.kit.ids import new_id
from tests.handoffs.stage_at_work import NOW, YESTERDAY, StageAtWork

STAGES: dict[str, Any] = {"from_stage": "account", "to_stage": "closing"}


async def test_one_open_offer_at_a_time_and_again_after_an_answer(stage: StageAtWork) -> None:
    vera = await stage.hire("Vera")
    taken = await stage.offer()
    await stage.accept(taken.handoff_id, vera)
    path, wish = f"/clients/{taken.lead_id}/upsell", {"needs": "ten more seats"}

    answers = await asyncio.gather(*[stage.call("POST", path, wish, who=f"am:{vera}") for _ in range(5)])

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    made = next(answer.json() for answer in answers if answer.status_code == 201)
    ((said, _),) = await stage.said(HandoffOffered)
    assert (str(said.handoff_id), said.from_stage, said.to_stage) == (made["id"], "account", "closing")
    assert (said.company, said.needs, said.offered_by) == (taken.company, "ten more seats", vera)
    assert (await stage.call("GET", f"/clients/{taken.lead_id}", who="head")).json()["employee_id"] == str(vera)

    names: dict[str, Any] = {"handoff_id": said.handoff_id, "lead_id": said.lead_id, **STAGES}
    returned = HandoffReturned(**names, employee_id=new_id(), reason="no_need")
    late = HandoffAccepted(**names, employee_id=new_id())
    await stage.hear(returned, returned, late, service="closing")
    assert (await stage.call("POST", path, wish, who=f"am:{vera}")).status_code == 201


async def test_only_his_own_client_and_not_before_it(stage: StageAtWork) -> None:
    vera, other = await stage.hire("Vera"), await stage.hire("other")
    taken = await stage.offer()
    await stage.accept(taken.handoff_id, vera)
    path, wish = f"/clients/{taken.lead_id}/upsell", {"needs": "more"}

    assert (await stage.call("POST", path, wish, who=f"am:{other}")).status_code == 404
    assert (await stage.call("POST", path, wish, who="head")).status_code == 403
    assert (await stage.call("POST", path, {}, who=f"am:{vera}")).status_code == 422
    early = {**wish, "occurred_at": (YESTERDAY - timedelta(hours=1)).isoformat()}
    assert (await stage.call("POST", path, early, who=f"am:{vera}")).status_code == 422
    future = {**wish, "occurred_at": (NOW + timedelta(hours=1)).isoformat()}
    assert (await stage.call("POST", path, future, who=f"am:{vera}")).status_code == 422
    assert (await stage.call("POST", f"/clients/{new_id()}/upsell", wish, who=f"am:{vera}")).status_code == 404
