"""Deals of somebody who leaves: to his successor by the roster alone, else by routing, which is said."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations

from conveyor.contracts.closing import DealOwnerChanged
from conveyor.kit.ids import new_id
from tests.closing.deal_steps import deal, etag, opened
from tests.handoffs.stage_at_work import NOW, StageAtWork

LEFT_ON = date(2026, 3, 10)
MIDNIGHT = datetime(2026, 3, 9, 21, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(days=20)


async def owners(stage: StageAtWork, deal_id: str) -> list[tuple[str, str | None]]:
    return [(one["employee_id"], one["until"]) for one in (await deal(stage, deal_id))["owners"]]


async def test_a_successor_owns_from_midnight_and_nothing_is_said(stage: StageAtWork) -> None:
    boris, denis = await stage.hire("Boris"), await stage.hire("Denis")
    deal_id, _ = await opened(stage, boris, at=BEFORE)

    for _ in range(2):
        await stage.hire("Boris", employee_id=boris, revision=2, left_on=LEFT_ON, successor_id=denis)

    assert await owners(stage, deal_id) == [(str(boris), "2026-03-09T21:00:00Z"), (str(denis), None)]
    assert [item["id"] for item in (await stage.call("GET", "/deals", who=f"ae:{denis}")).json()["items"]] == [deal_id]
    assert (await stage.call("GET", f"/deals/{deal_id}", who=f"ae:{boris}")).status_code == 404
    assert await stage.said(DealOwnerChanged) == []


async def test_without_a_successor_deals_spread_by_the_rule_and_it_is_said(stage: StageAtWork) -> None:
    boris = await stage.hire("Boris")
    deals = [(await opened(stage, boris, at=BEFORE))[0] for _ in range(2)]
    denis, egor = sorted([await stage.hire("Denis"), await stage.hire("Egor")])
    await stage.hire("young", hired_on=date(2026, 3, 11))

    for _ in range(2):
        await stage.hire("Boris", employee_id=boris, revision=2, left_on=LEFT_ON)

    assert [(await owners(stage, one))[-1] for one in deals] == [(str(denis), None), (str(egor), None)]
    said = await stage.said(DealOwnerChanged)
    assert [(str(fact.deal_id), fact.employee_id, fact.from_at, fact.revision, at) for fact, at in said] == [
        (deals[0], denis, MIDNIGHT, 2, MIDNIGHT),
        (deals[1], egor, MIDNIGHT, 2, MIDNIGHT),
    ]


async def test_the_leavers_chain_comes_first(stage: StageAtWork) -> None:
    boris = await stage.hire("Boris")
    deal_id, _ = await opened(stage, boris, at=BEFORE)
    _, mate = [await stage.hire("stranger"), await stage.hire("mate")]
    await opened(stage, mate)
    await stage.chain(new_id(), boris, mate)

    await stage.hire("Boris", employee_id=boris, revision=2, left_on=LEFT_ON)

    assert (await owners(stage, deal_id))[-1] == (str(mate), None)


async def test_whoever_gets_it_may_be_known_to_leave_too(stage: StageAtWork) -> None:
    boris = await stage.hire("Boris")
    deal_id, _ = await opened(stage, boris, at=BEFORE)
    stays = await stage.hire("stays")
    mate = await stage.hire("mate", left_on=NOW.date() + timedelta(days=5))
    await stage.chain(boris, mate)

    await stage.hire("Boris", employee_id=boris, revision=2, left_on=LEFT_ON)

    assert [one for one, _ in await owners(stage, deal_id)] == [str(boris), str(mate), str(stays)]


async def test_nobody_there_leaves_the_deal_vacant_until_head_moves_it(stage: StageAtWork) -> None:
    boris = await stage.hire("Boris")
    deal_id, _ = await opened(stage, boris, at=BEFORE)

    await stage.hire("Boris", employee_id=boris, revision=2, left_on=LEFT_ON)

    shown = await deal(stage, deal_id)
    assert (shown["employee_id"], len(shown["owners"])) == (None, 1)


async def test_a_leave_taken_back_or_moved_leaves_what_routing_gave_until_head_gives_it_back(
    stage: StageAtWork,
) -> None:
    boris, denis = await stage.hire("Boris"), await stage.hire("Denis")
    deal_id, _ = await opened(stage, boris, at=BEFORE)
    routed = [(str(boris), "2026-03-09T21:00:00Z"), (str(denis), None)]

    for revision, left_on in enumerate([LEFT_ON, LEFT_ON + timedelta(days=3), None], start=2):
        await stage.hire("Boris", employee_id=boris, revision=revision, left_on=left_on)
        assert await owners(stage, deal_id) == routed
    assert len(await stage.said(DealOwnerChanged)) == 1

    body = {"employee_id": str(boris), "from": MIDNIGHT.isoformat()}
    tag = await etag(stage, deal_id)
    given = await stage.call("PUT", f"/deals/{deal_id}/owner", body, who="head", if_match=tag)

    assert given.status_code == 200, given.text
    assert {one for one, _ in await owners(stage, deal_id)} == {str(boris)}


async def test_a_leave_with_a_successor_that_is_taken_back_gives_everything_back(stage: StageAtWork) -> None:
    boris, denis = await stage.hire("Boris"), await stage.hire("Denis")
    deal_id, _ = await opened(stage, boris, at=BEFORE)

    await stage.hire("Boris", employee_id=boris, revision=2, left_on=LEFT_ON, successor_id=denis)
    await stage.hire("Boris", employee_id=boris, revision=3)

    assert await owners(stage, deal_id) == [(str(boris), None)]


async def test_a_departure_heard_before_the_acceptance_passes_the_deal_on_too(stage: StageAtWork) -> None:
    denis = await stage.hire("Denis")
    boris = await stage.hire("Boris", left_on=LEFT_ON, successor_id=denis)

    deal_id, _ = await opened(stage, boris, at=BEFORE)

    assert await owners(stage, deal_id) == [(str(boris), "2026-03-09T21:00:00Z"), (str(denis), None)]


async def test_successions_come_in_any_order(stage: StageAtWork) -> None:
    for order in permutations(("boris", "denis", "accepted")):
        boris, denis, egor = [await stage.hire(name) for name in ("Boris", "Denis", "Egor")]
        deal_id = ""
        for step in order:
            if step == "boris":
                await stage.hire("Boris", employee_id=boris, revision=2, left_on=date(2026, 3, 1), successor_id=denis)
            elif step == "denis":
                await stage.hire("Denis", employee_id=denis, revision=2, left_on=LEFT_ON, successor_id=egor)
            else:
                deal_id, _ = await opened(stage, boris, at=BEFORE)

        assert [one for one, _ in await owners(stage, deal_id)] == [str(boris), str(denis), str(egor)]


async def test_history_that_comes_after_the_departure_is_routed_the_same(stage: StageAtWork) -> None:
    boris = await stage.hire("Boris", left_on=LEFT_ON)
    denis = await stage.hire("Denis")

    deal_id, _ = await opened(stage, boris, at=BEFORE)

    assert await owners(stage, deal_id) == [(str(boris), "2026-03-09T21:00:00Z"), (str(denis), None)]
    ((said, _),) = await stage.said(DealOwnerChanged)
    assert (said.employee_id, said.from_at, said.revision) == (denis, MIDNIGHT, 2)


async def test_who_gets_a_deal_with_his_departure_ahead_passes_it_on_then(stage: StageAtWork) -> None:
    boris, denis = await stage.hire("Boris"), await stage.hire("Denis", left_on=date(2026, 3, 20))
    deal_id, _ = await opened(stage, boris, at=BEFORE)

    body = {"employee_id": str(denis), "from": NOW.isoformat()}
    tag = await etag(stage, deal_id)
    await stage.call("PUT", f"/deals/{deal_id}/owner", body, who="head", if_match=tag)

    assert [one for one, _ in await owners(stage, deal_id)] == [str(boris), str(denis), str(boris)]
