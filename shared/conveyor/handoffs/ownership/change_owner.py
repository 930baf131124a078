"""Record a change of owner within the caller's transaction, and keep the intervals that follow from it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.handoffs.ownership.rules import Departure, Interval, OwnedThing, OwnerChange, owner_intervals
from conveyor.handoffs.ownership.tables import OwnerChangeRow, OwnerIntervalRow
from conveyor.kit.database import Transaction
from conveyor.roster.queries import current_calendar
from conveyor.roster.tables import Employee

# A successor has a successor and so on; nobody follows people further than this.
_SUCCESSIONS_MAX = 20


async def change_owner(tx: Transaction, *, thing: OwnedThing, employee_id: UUID, from_at: datetime) -> int:
    """From `from_at` on the thing belongs to the employee. Answers the change's revision (1 for the first)."""
    await hold(tx.session, [thing.thing_id])
    latest = await tx.session.scalar(
        select(func.max(OwnerChangeRow.revision)).where(OwnerChangeRow.thing_id == thing.thing_id)
    )
    revision = (latest or 0) + 1
    tx.session.add(
        OwnerChangeRow(
            thing_id=thing.thing_id,
            lead_id=thing.lead_id,
            revision=revision,
            employee_id=employee_id,
            from_at=from_at,
            recorded_at=tx.now,
        )
    )
    await tx.session.flush()
    await derive_intervals(tx.session, [thing.thing_id])
    return revision


async def hold(session: AsyncSession, thing_ids: Sequence[UUID]) -> None:
    """Keep others from changing these things' owners until the transaction ends; rows are locked in one order."""
    await session.execute(
        select(OwnerChangeRow.thing_id)
        .where(OwnerChangeRow.thing_id.in_(thing_ids), OwnerChangeRow.revision == 1)
        .order_by(OwnerChangeRow.thing_id)
        .with_for_update()
    )


async def derive_intervals(session: AsyncSession, thing_ids: Sequence[UUID]) -> dict[UUID, list[Interval]]:
    """Write the things' intervals anew; answers them, vacancies included."""
    changes: dict[UUID, list[OwnerChange]] = defaultdict(list)
    for row in await session.scalars(select(OwnerChangeRow).where(OwnerChangeRow.thing_id.in_(thing_ids))):
        changes[row.thing_id].append(OwnerChange(row.revision, row.employee_id, row.from_at))
    departures = await _departures(session, {change.employee_id for group in changes.values() for change in group})
    derived = {thing_id: owner_intervals(group, departures) for thing_id, group in changes.items()}
    await session.execute(delete(OwnerIntervalRow).where(OwnerIntervalRow.thing_id.in_(thing_ids)))
    rows = [
        {"thing_id": thing_id, "employee_id": owned.employee_id, "from_at": owned.from_at, "until": owned.until}
        for thing_id, intervals in derived.items()
        for owned in intervals
        if owned.employee_id is not None
    ]
    if rows:
        await session.execute(insert(OwnerIntervalRow), rows)
    return derived


async def _departures(session: AsyncSession, employee_ids: set[UUID]) -> dict[UUID, Departure]:
    calendar = (await current_calendar(session)).calendar
    departures: dict[UUID, Departure] = {}
    wanted = employee_ids
    for _ in range(_SUCCESSIONS_MAX):
        left = await session.execute(
            select(Employee.employee_id, Employee.left_on, Employee.successor_id).where(
                Employee.employee_id.in_(wanted), Employee.left_on.is_not(None)
            )
        )
        for employee_id, left_on, successor_id in left:
            if left_on is not None:
                departures[employee_id] = Departure(calendar.start_of(left_on), successor_id)
        wanted = {one.successor_id for one in departures.values() if one.successor_id} - departures.keys() - wanted
        if not wanted:
            break
    return departures
