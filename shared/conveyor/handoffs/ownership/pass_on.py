"""Somebody left: what he owned goes to his successor, or to whom the routing rule names. The consumer commits."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, union

from conveyor.handoffs.ownership.change_owner import change_owner, derive_intervals, hold
from conveyor.handoffs.ownership.rules import Interval, OwnedThing
from conveyor.handoffs.ownership.tables import OwnerChangeRow, OwnerIntervalRow
from conveyor.handoffs.routing import Routing, routing_of
from conveyor.handoffs.stage import OwnerMoved, ReceivingStage
from conveyor.kit.database import Transaction
from conveyor.roster.queries import find_employee, hold_employee


async def pass_on_at_once(tx: Transaction, *, stage: ReceivingStage, employee_id: UUID, lead_id: UUID) -> None:
    """He was just given something of this lead though his departure is known: history may come in any order."""
    employee = await find_employee(tx.session, employee_id)
    if employee is not None and employee.left_on is not None:
        things = await _things_of(tx, employee_id)
        await _pass_on(tx, {key: thing for key, thing in things.items() if thing.lead_id == lead_id}, stage=stage)


async def pass_on(tx: Transaction, *, stage: ReceivingStage, employee_id: UUID) -> None:
    """Derive anew the intervals of everything the employee owns or owned.

    A named successor follows from the roster alone, for every reader, so nothing is said. What stays vacant goes, from
    the moment he left, to somebody by the routing rule, and that is said; it stays vacant when nobody is there.
    """
    await _pass_on(tx, await _things_of(tx, employee_id), stage=stage)


async def _pass_on(tx: Transaction, things: dict[UUID, OwnedThing], *, stage: ReceivingStage) -> None:
    if not things:
        return
    await hold(tx.session, sorted(things))
    derived = await derive_intervals(tx.session, sorted(things))
    vacant = [thing_id for thing_id in sorted(derived) if _vacancies(derived[thing_id])]
    if not vacant:
        return
    routing = await routing_of(tx.session, stage=stage, now=tx.now)
    for thing_id in vacant:
        await _fill(tx, things[thing_id], derived[thing_id], stage=stage, routing=routing)


async def _fill(
    tx: Transaction, thing: OwnedThing, intervals: Sequence[Interval], *, stage: ReceivingStage, routing: Routing
) -> None:
    """Vacancy by vacancy, the first one first: whoever gets the thing may be known to leave too."""
    tried: set[tuple[datetime, UUID]] = set()
    while open_ones := [one for one in _vacancies(intervals) if one not in tried]:
        from_at, left_by = open_ones[0]
        tried.add((from_at, left_by))
        chosen = await routing.choose_owner(near=left_by, also_on=routing.calendar.day_of(from_at))
        if chosen is None:
            continue
        await hold_employee(tx.session, chosen)
        revision = await change_owner(tx, thing=thing, employee_id=chosen, from_at=from_at)
        stage.say_owner_moved(tx, OwnerMoved(thing=thing, revision=revision, employee_id=chosen, from_at=from_at))
        intervals = (await derive_intervals(tx.session, [thing.thing_id]))[thing.thing_id]


def _vacancies(intervals: Sequence[Interval]) -> list[tuple[datetime, UUID]]:
    """Since when, and whose the thing was."""
    return [(one.from_at, one.left_by) for one in intervals if one.left_by is not None]


async def _things_of(tx: Transaction, employee_id: UUID) -> dict[UUID, OwnedThing]:
    concerned = union(
        select(OwnerChangeRow.thing_id).where(OwnerChangeRow.employee_id == employee_id),
        select(OwnerIntervalRow.thing_id).where(OwnerIntervalRow.employee_id == employee_id),
    ).subquery()
    rows = await tx.session.execute(
        select(OwnerChangeRow.thing_id, OwnerChangeRow.lead_id).where(
            OwnerChangeRow.revision == 1, OwnerChangeRow.thing_id.in_(select(concerned.c.thing_id))
        )
    )
    return {row.thing_id: OwnedThing(thing_id=row.thing_id, lead_id=row.lead_id) for row in rows}
