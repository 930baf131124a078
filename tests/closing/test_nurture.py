"""Back to nurture: the deal is lost, the lead offered back with a date, once whatever meets."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from conveyor.contracts.closing import DealLost
from conveyor.contracts.handoffs import HandoffAccepted, HandoffOffered
from conveyor.kit.ids import new_id
from tests.closing.deal_steps import deal, opened, pointers, refused, sign
from tests.handoffs.stage_at_work import NOW, YESTERDAY, StageAtWork

LATER: dict[str, Any] = {"until": "2026-06-01", "reason": "timing", "note": "budget in summer"}


async def nurture(stage: StageAtWork, deal_id: str, by: Any, **more: Any) -> Any:
    return await stage.call("POST", f"/deals/{deal_id}/nurture", {**LATER, "employee_id": str(by), **more})


async def test_the_deal_is_lost_and_the_lead_offered_back_with_everything(stage: StageAtWork) -> None:
    boris = await stage.hire("Boris")
    deal_id, offer = await opened(stage, boris)

    answer = await nurture(stage, deal_id, boris)

    assert answer.status_code == 201, answer.text
    assert (answer.json()["state"], answer.json()["until"]) == ("offered", "2026-06-01")
    lost = await deal(stage, deal_id)
    assert (lost["state"], lost["loss_reason"]) == ("lost", "timing")
    ((said, _),) = await stage.said(HandoffOffered)
    assert (said.from_stage, said.to_stage, said.ends_handoff_id) == ("closing", "telemarketing", offer.handoff_id)
    assert (str(said.resume_on), said.nurture_reason, said.offered_by) == ("2026-06-01", "timing", boris)
    assert (said.company, str(said.deal_id), said.needs) == (offer.company, deal_id, "budget in summer")
    assert [str(fact.deal_id) for fact, _ in await stage.said(DealLost)] == [deal_id]


async def test_only_an_open_deal_from_telemarketing_and_a_day_ahead(stage: StageAtWork) -> None:
    boris = await stage.hire("Boris")
    won, _ = await opened(stage, boris)
    await sign(stage, won, by=boris)
    upsell, _ = await opened(stage, boris, from_stage="account", meeting=None)
    plain, _ = await opened(stage, boris)

    assert refused(await nurture(stage, won, boris)) == (409, "deal-already-won")
    assert refused(await nurture(stage, upsell, boris)) == (409, "not-from-telemarketing")
    for until in ("2026-03-10", "2020-01-01", "2031-01-01"):
        assert pointers(await nurture(stage, plain, boris, until=until)) == ["/until"]
    assert pointers(await nurture(stage, plain, boris, occurred_at=(YESTERDAY - timedelta(days=1)).isoformat())) == [
        "/occurred_at"
    ]
    assert (await nurture(stage, str(new_id()), boris)).status_code == 404
    stranger = await stage.hire("stranger")
    assert (await stage.call("POST", f"/deals/{plain}/nurture", LATER, who=f"ae:{stranger}")).status_code == 404


async def test_at_once_with_a_loss_and_itself_there_is_one_end(stage: StageAtWork) -> None:
    boris = await stage.hire("Boris")
    deal_id, _ = await opened(stage, boris)
    loss = stage.call("POST", f"/deals/{deal_id}/loss", {"reason": "no_need", "employee_id": str(boris)})

    answers = await asyncio.gather(loss, *[nurture(stage, deal_id, boris) for _ in range(4)])

    assert sorted(answer.status_code for answer in answers)[1:] == [409] * 4
    assert len(await stage.said(DealLost)) == 1
    assert len(await stage.said(HandoffOffered)) == int(answers[0].status_code != 200)


@pytest.mark.parametrize("times", [1, 3])
async def test_one_offer_back_of_a_lead_is_open_at_a_time(stage: StageAtWork, times: int) -> None:
    boris, lead_id = await stage.hire("Boris"), new_id()
    first, _ = await opened(stage, boris, lead_id=lead_id)
    second, _ = await opened(stage, boris, lead_id=lead_id)

    answers = await asyncio.gather(*[nurture(stage, one, boris) for one in (first, second)])
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    offered = next(answer.json() for answer in answers if answer.status_code == 201)
    left = second if offered["deal_id"] == first else first
    accepted = HandoffAccepted(
        handoff_id=offered["id"],
        lead_id=lead_id,
        from_stage="closing",
        to_stage="telemarketing",
        employee_id=new_id(),
    )
    await stage.hear(*[accepted] * times, at=NOW, service="telemarketing")

    assert (await nurture(stage, left, boris)).status_code == 201
