"""Somebody is given something just while it becomes known that he leaves: it does not stay with him."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from conveyor.handoffs.ownership.pass_on import pass_on_at_once
from tests.handoffs.stage_at_work import StageAtWork
from tests.handoffs.test_handoff_races import LEFT_ON


async def _done_or_waiting(stage: StageAtWork, work: "asyncio.Task[Any]") -> None:
    """Until the work is over or waits for a lock of somebody else."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with asyncio.timeout(20):
        while not work.done():
            async with stage.database.reading() as session:
                if await session.scalar(waiting):
                    return
            await asyncio.sleep(0.01)


async def test_who_accepts_while_he_leaves_keeps_nothing(stage: StageAtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    stays = await stage.hire("stays")
    # Routed to another: the departure does not touch this handoff.
    offer = await stage.offer()
    goes = await stage.hire("goes")
    leaving: list[asyncio.Task[UUID]] = []

    async def look_and_let_him_leave(*given: Any, **named: Any) -> None:
        await pass_on_at_once(*given, **named)
        known = stage.hire("goes", employee_id=goes, revision=2, left_on=LEFT_ON, successor_id=stays)
        leaving.append(asyncio.create_task(known))
        await _done_or_waiting(stage, leaving[0])

    monkeypatch.setattr("conveyor.handoffs.accept_handoff.pass_on_at_once", look_and_let_him_leave)
    path = f"/handoffs/{offer.handoff_id}/acceptance"
    accepted = await stage.call("POST", path, {"employee_id": str(goes)})
    await leaving[0]

    assert accepted.status_code == 201
    things = "deals" if stage.service == "closing" else "clients"
    (owned,) = (await stage.call("GET", f"/{things}?lead_id={offer.lead_id}", who="head")).json()["items"]
    assert owned["employee_id"] == str(stays)
