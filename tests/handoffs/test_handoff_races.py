"""Real concurrency on a real database: whatever meets, one outcome and one credit."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from conveyor.contracts.handoffs import HandoffAccepted, HandoffOffered, HandoffReturned, HandoffWithdrawn
from conveyor.contracts.telemarketing import MeetingCancelled
from conveyor.handoffs.attendance_watch import AttendanceWatch
from conveyor.handoffs.ownership.tables import OwnerChangeRow
from conveyor.handoffs.tables import ReceivedHandoff
from conveyor.kit.ids import new_id
from tests.handoffs.stage_at_work import STAGES, StageAtWork
from tests.handoffs.test_handoff_deadlines import overdue

ROUNDS = 6
LEFT_ON = date(2026, 3, 10)


async def answers_of(stage: StageAtWork, offer: HandoffOffered) -> Counter[str]:
    """How often each answer was said of the handoff."""
    said: Counter[str] = Counter()
    for model in (HandoffAccepted, HandoffReturned, HandoffWithdrawn):
        facts: list[Any] = [fact for fact, _ in await stage.said(model)]
        said[model.__name__] = sum(fact.handoff_id == offer.handoff_id for fact in facts)
    return said


async def owners_of(stage: StageAtWork, lead_id: UUID) -> int:
    async with stage.database.reading() as session:
        counted = select(func.count()).select_from(OwnerChangeRow).where(OwnerChangeRow.lead_id == lead_id)
        return await session.scalar(counted) or 0


async def accept(stage: StageAtWork, offer: HandoffOffered, employee_id: UUID) -> int:
    path = f"/handoffs/{offer.handoff_id}/acceptance"
    return (await stage.call("POST", path, {"employee_id": str(employee_id)})).status_code


async def give_back(stage: StageAtWork, offer: HandoffOffered, employee_id: UUID) -> int:
    body = {"employee_id": str(employee_id), "reason": "no_need"}
    return (await stage.call("POST", f"/handoffs/{offer.handoff_id}/return", body)).status_code


async def at_once(*doing: Awaitable[Any]) -> list[Any]:
    async with asyncio.timeout(30):
        return list(await asyncio.gather(*doing))


async def test_two_acceptances_and_a_return(stage: StageAtWork) -> None:
    boris, denis = await stage.hire("Boris"), await stage.hire("Denis")
    for _ in range(ROUNDS):
        offer = await stage.offer()

        codes = await at_once(accept(stage, offer, boris), accept(stage, offer, denis), give_back(stage, offer, boris))

        assert sorted(codes)[1:] == [409, 409]
        said = await answers_of(stage, offer)
        assert said.total() == 1
        assert await owners_of(stage, offer.lead_id) == said["HandoffAccepted"]


async def test_acceptance_against_the_deadline_and_the_head(stage: StageAtWork) -> None:
    boris, denis = await stage.hire("Boris"), await stage.hire("Denis")
    for _ in range(ROUNDS):
        offer = await stage.offer()
        assignment = stage.call(
            "POST", f"/handoffs/{offer.handoff_id}/assignment", {"employee_id": str(denis)}, who="head"
        )

        code, assigned, *_ = await at_once(
            accept(stage, offer, boris),
            assignment,
            stage.hear(overdue(offer, 1)),
            stage.hear(overdue(offer, 2)),
        )

        assert (code, assigned.status_code in {200, 409}) == (201, True)
        seen = await stage.handoff(offer.handoff_id)
        assert (seen["state"], seen["employee_id"], seen["escalated_at"]) == ("accepted", str(boris), None)
        assert (await answers_of(stage, offer)).total() == 1
        assert await owners_of(stage, offer.lead_id) == 1


async def test_leaving_against_routing(stage: StageAtWork) -> None:
    stays = await stage.hire("stays")
    watch = AttendanceWatch(stage.database, stage=getattr(STAGES[stage.service], stage.service.upper()))
    for _ in range(ROUNDS):
        goes = await stage.hire("goes")

        offers = await at_once(
            *[stage.offer() for _ in range(3)],
            stage.hire("goes", employee_id=goes, revision=2, left_on=LEFT_ON),
            watch.look(),
        )
        await watch.look()

        for offer in offers[:3]:
            assert (await stage.handoff(offer.handoff_id))["employee_id"] == str(stays)


async def test_leaving_against_acceptance_leaves_one_owner_who_is_there(stage: StageAtWork) -> None:
    stays = await stage.hire("stays")
    for _ in range(ROUNDS):
        goes = await stage.hire("goes")
        offer = await stage.offer()

        code, _ = await at_once(
            accept(stage, offer, goes),
            stage.hire("goes", employee_id=goes, revision=2, left_on=LEFT_ON, successor_id=stays),
        )

        assert code in {201, 422}
        seen = await stage.handoff(offer.handoff_id)
        assert seen["state"] == ("accepted" if code == 201 else "offered")
        path = f"/deals?lead_id={offer.lead_id}" if stage.service == "closing" else f"/clients?lead_id={offer.lead_id}"
        owned = (await stage.call("GET", path, who="head")).json()["items"]
        assert [one["employee_id"] for one in owned] == ([str(stays)] if code == 201 else [])


async def test_capacity_holds_when_offers_come_at_once(stage: StageAtWork) -> None:
    await stage.hire("Boris", open_handoffs_max=2)

    offers = await at_once(*[stage.offer() for _ in range(6)])

    async with stage.database.reading() as session:
        routed = await session.scalars(select(ReceivedHandoff.routed_to))
    assert sum(one is not None for one in routed) == 2
    assert len(offers) == 6


async def test_cancellation_against_acceptance(stage: StageAtWork) -> None:
    boris = await stage.hire("Boris")
    for _ in range(ROUNDS):
        offer = await stage.offer()
        cancelled = MeetingCancelled(
            meeting_id=new_id(), lead_id=offer.lead_id, handoff_id=offer.handoff_id, reason="client_cancelled"
        )

        code, _ = await at_once(accept(stage, offer, boris), stage.hear(cancelled))

        said = await answers_of(stage, offer)
        assert said.total() == 1
        assert (code, said["HandoffAccepted"], await owners_of(stage, offer.lead_id)) in {(201, 1, 1), (409, 0, 0)}
