"""Offers are routed when they come, and again when the roster changes."""

from datetime import date, timedelta

from sqlalchemy import func, select

from conveyor.contracts.handoffs import HandoffRouted
from conveyor.handoffs.tables import ReceivedHandoff
from conveyor.kit.ids import new_id
from tests.handoffs.stage_at_work import NOW, YESTERDAY, StageAtWork, offer_to

TODAY = date(2026, 3, 10)


async def routed(stage: StageAtWork, handoff_id: object) -> str | None:
    response = await stage.call("GET", f"/handoffs/{handoff_id}", who="head")
    found: str | None = response.json()["employee_id"]
    return found


async def test_an_offer_goes_to_the_chain_of_its_offerer(stage: StageAtWork) -> None:
    await stage.hire("idle")
    anna, boris = new_id(), await stage.hire("Boris")
    await stage.chain(anna, boris)

    offers = [await stage.offer(by=anna) for _ in range(3)]

    assert [await routed(stage, offer.handoff_id) for offer in offers] == [str(boris)] * 3


async def test_without_a_chain_offers_spread_over_the_least_loaded(stage: StageAtWork) -> None:
    people = sorted([await stage.hire(name) for name in ("a", "b", "c")])

    offers = [await stage.offer() for _ in range(3)]

    assert [await routed(stage, offer.handoff_id) for offer in offers] == [str(person) for person in people]


async def test_open_deals_count_as_load(stage: StageAtWork) -> None:
    first, second = sorted([await stage.hire("a"), await stage.hire("b")])
    for _ in range(2):
        await stage.accept((await stage.offer()).handoff_id, first)

    offers = [await stage.offer() for _ in range(2)]

    assert [await routed(stage, offer.handoff_id) for offer in offers] == [str(second)] * 2


async def test_nobody_who_left_or_is_not_hired_yet(stage: StageAtWork) -> None:
    anna = new_id()
    gone = await stage.hire("gone", left_on=TODAY)
    coming = await stage.hire("coming", hired_on=TODAY + timedelta(days=1))
    await stage.chain(anna, gone, coming)

    offer = await stage.offer(by=anna)

    assert await routed(stage, offer.handoff_id) is None
    ((said, at),) = await stage.said(HandoffRouted)
    assert (said.employee_id, said.lead_id, at) == (None, offer.lead_id, YESTERDAY)


async def test_an_offer_heard_twice_or_for_another_stage_is_recorded_once(stage: StageAtWork) -> None:
    await stage.hire()
    offer = offer_to("closing")

    await stage.hear(offer, offer)
    await stage.hear(offer)
    await stage.hear(offer_to("account"), service="closing")

    assert len(await stage.said(HandoffRouted)) == 1
    async with stage.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(ReceivedHandoff)) == 1


async def test_an_offer_that_overtook_the_roster_is_routed_when_somebody_comes(stage: StageAtWork) -> None:
    anna = new_id()
    offer = await stage.offer(by=anna)

    stranger = await stage.hire("stranger")
    assert await routed(stage, offer.handoff_id) == str(stranger)
    boris = await stage.hire("Boris")
    await stage.chain(anna, boris)

    assert await routed(stage, offer.handoff_id) == str(boris)
    assert [said.employee_id for said, _ in await stage.said(HandoffRouted)] == [None, stranger, boris]


async def test_a_colleague_who_overtook_nobody_moves_nothing(stage: StageAtWork) -> None:
    boris = await stage.hire("Boris")
    offer = await stage.offer()

    await stage.hire("another")
    await stage.chain(new_id(), new_id())

    assert await routed(stage, offer.handoff_id) == str(boris)


async def test_offers_of_a_leaver_go_to_his_successor_or_by_the_rule(stage: StageAtWork) -> None:
    anna, boris, denis, egor = new_id(), *[await stage.hire(name) for name in ("Boris", "Denis", "Egor")]
    await stage.chain(anna, boris)
    first, second = await stage.offer(by=anna), await stage.offer(by=anna)
    await stage.accept(second.handoff_id, boris)

    await stage.hire("Boris", employee_id=boris, revision=2, left_on=TODAY, successor_id=egor)
    assert await routed(stage, first.handoff_id) == str(egor)
    await stage.hire("Egor", employee_id=egor, revision=2, left_on=TODAY)

    assert await routed(stage, first.handoff_id) == str(denis)
    assert await routed(stage, second.handoff_id) == str(boris)


async def test_when_the_routed_one_is_gone_by_now_anybody_sees_and_takes_it(stage: StageAtWork) -> None:
    boris = await stage.hire("Boris", left_on=TODAY + timedelta(days=1))
    offer = await stage.offer()
    denis = await stage.hire("Denis")
    assert (await stage.call("GET", f"/handoffs/{offer.handoff_id}", who=f"ae:{denis}")).status_code == 404

    stage.clock.set(NOW + timedelta(days=2))

    listed = await stage.call("GET", "/handoffs?state=offered", who=f"ae:{denis}")
    assert [item["employee_id"] for item in listed.json()["items"]] == [str(boris)]
    accepted = await stage.call("POST", f"/handoffs/{offer.handoff_id}/acceptance", who=f"ae:{denis}")
    assert accepted.status_code == 201, accepted.text
