"""Routing knows who is away and who has his hands full."""

from datetime import date, timedelta
from itertools import permutations
from typing import Any, cast
from uuid import UUID

from conveyor.contracts.handoffs import HandoffRouted
from conveyor.contracts.roster import AbsenceRecorded
from conveyor.handoffs.attendance_watch import AttendanceWatch
from conveyor.kit.ids import new_id
from tests.handoffs.stage_at_work import NOW, STAGES, StageAtWork

TODAY = date(2026, 3, 10)
TOMORROW = TODAY + timedelta(days=1)


def away(employee_id: UUID, since: date = TODAY, until: date = TOMORROW, **more: Any) -> AbsenceRecorded:
    given = {"absence_id": new_id(), "revision": 1, "kind": "sick_leave", **more}
    return AbsenceRecorded(employee_id=employee_id, from_on=since, until_on=until, **cast("Any", given))


def watch_of(stage: StageAtWork) -> AttendanceWatch:
    return AttendanceWatch(stage.database, stage=getattr(STAGES[stage.service], stage.service.upper()))


async def with_whom(stage: StageAtWork, handoff_id: UUID) -> str | None:
    return cast("str | None", (await stage.handoff(handoff_id))["employee_id"])


async def test_nobody_who_is_away_gets_an_offer_and_what_he_had_moves(stage: StageAtWork) -> None:
    anna, boris = new_id(), await stage.hire("Boris")
    await stage.chain(anna, boris)
    before = await stage.offer(by=anna)
    denis = await stage.hire("Denis")

    await stage.hear(away(boris))
    after = await stage.offer(by=anna)

    assert [await with_whom(stage, one.handoff_id) for one in (before, after)] == [str(denis), str(denis)]
    assert (await stage.said(HandoffRouted))[1][0].reason == "roster_changed"


async def test_days_are_half_open_and_a_cancelled_absence_never_was(stage: StageAtWork) -> None:
    boris = await stage.hire("Boris")
    yesterday = TODAY - timedelta(days=1)
    cancelled = away(boris)

    await stage.hear(away(boris, yesterday, TODAY), away(boris, TOMORROW, TOMORROW + timedelta(days=9)))
    await stage.hear(cancelled.model_copy(update={"revision": 2, "cancelled": True}), cancelled)

    assert await with_whom(stage, (await stage.offer()).handoff_id) == str(boris)


async def test_every_order_of_absence_employee_and_offer_ends_the_same(stage: StageAtWork) -> None:
    for order in permutations(range(3)):
        boris = new_id()
        anna = new_id()

        async def come(boris: UUID = boris) -> None:
            await stage.hire("Boris", employee_id=boris)

        async def absent(boris: UUID = boris) -> None:
            await stage.hear(*[away(boris)] * 2)

        offered: list[UUID] = []

        async def offer(anna: UUID = anna, offered: list[UUID] = offered) -> None:
            offered.append((await stage.offer(by=anna)).handoff_id)

        for index in order:
            await (come, absent, offer)[index]()
        assert await with_whom(stage, offered[0]) is None


async def test_an_absence_that_was_planned_takes_effect_on_its_day(stage: StageAtWork) -> None:
    boris, watch = await stage.hire("Boris"), watch_of(stage)
    offer = await stage.offer()
    denis = await stage.hire("Denis")
    await stage.hear(away(boris, TOMORROW, TOMORROW + timedelta(days=1)))
    assert await watch.look() == 0

    stage.clock.set(NOW + timedelta(days=1))

    assert await watch.look() == 1
    assert await watch.look() == 0
    assert await with_whom(stage, offer.handoff_id) == str(denis)


async def test_nobody_gets_more_than_he_has_room_for_and_the_rest_waits(stage: StageAtWork) -> None:
    anna, boris = new_id(), await stage.hire("Boris", open_handoffs_max=2)
    await stage.chain(anna, boris)
    denis = await stage.hire("Denis", open_handoffs_max=1)

    offers = [await stage.offer(by=anna) for _ in range(4)]
    assert [await with_whom(stage, one.handoff_id) for one in offers] == [str(boris)] * 2 + [str(denis), None]
    await stage.accept(offers[0].handoff_id, boris)

    assert await watch_of(stage).look() == 1
    assert await with_whom(stage, offers[3].handoff_id) == str(boris)


async def test_the_head_may_go_past_capacity_but_not_past_an_absence(stage: StageAtWork) -> None:
    boris, denis = await stage.hire("Boris", open_handoffs_max=0), await stage.hire("Denis")
    await stage.hear(away(denis))
    offer = await stage.offer()
    assert await with_whom(stage, offer.handoff_id) is None

    path = f"/handoffs/{offer.handoff_id}/assignment"
    assert (await stage.call("POST", path, {"employee_id": str(denis)}, who="head")).status_code == 422
    assert (await stage.call("POST", path, {"employee_id": str(boris)}, who="head")).status_code == 200
    assert await watch_of(stage).look() == 0
    assert await with_whom(stage, offer.handoff_id) == str(boris)
