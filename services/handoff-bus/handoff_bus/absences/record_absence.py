"""Record that an employee will be, or was, away; or that he is not after all."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from conveyor.contracts.roster import AbsenceKind, AbsenceRecorded
from conveyor.kit.database import Database, Transaction, lock
from conveyor.kit.http.etags import StaleRevision
from conveyor.kit.ids import new_id
from conveyor.kit.refusals import NotFound
from handoff_bus.absences.queries import AbsenceView, view_of
from handoff_bus.absences.rules import check
from handoff_bus.absences.tables import Absence
from handoff_bus.employees.tables import Employee


async def record_absence(
    database: Database, *, employee_id: UUID, from_on: date, until_on: date, kind: AbsenceKind
) -> AbsenceView:
    """A new absence, said as `absence_recorded`. Raises NotFound, Invalid, AlreadyAbsent."""
    async with database.transaction() as tx:
        await lock(tx, "absences", str(employee_id))
        if await tx.session.get(Employee, employee_id) is None:
            raise NotFound
        rows = await tx.session.execute(
            select(Absence.from_on, Absence.until_on).where(
                Absence.employee_id == employee_id, Absence.cancelled.is_(False)
            )
        )
        check(from_on=from_on, until_on=until_on, others=[(row.from_on, row.until_on) for row in rows])
        absence = Absence(
            absence_id=new_id(),
            employee_id=employee_id,
            revision=1,
            from_on=from_on,
            until_on=until_on,
            kind=kind,
            cancelled=False,
        )
        tx.session.add(absence)
        _say(tx, absence)
        return await tx.commit(view_of(absence))


async def cancel_absence(database: Database, *, employee_id: UUID, absence_id: UUID, revision: int) -> None:
    """He is there after all. Raises NotFound, StaleRevision when `revision` is not the current one."""
    async with database.transaction() as tx:
        absence = await tx.session.scalar(
            select(Absence)
            .where(Absence.absence_id == absence_id, Absence.employee_id == employee_id, Absence.cancelled.is_(False))
            .with_for_update()
        )
        if absence is None:
            raise NotFound
        if absence.revision != revision:
            raise StaleRevision
        absence.cancelled = True
        absence.revision += 1
        _say(tx, absence)
        await tx.commit(None)


def _say(tx: Transaction, absence: Absence) -> None:
    tx.say(
        AbsenceRecorded.model_validate(
            {
                "absence_id": absence.absence_id,
                "employee_id": absence.employee_id,
                "revision": absence.revision,
                "from_on": absence.from_on,
                "until_on": absence.until_on,
                "kind": absence.kind,
                "cancelled": absence.cancelled,
            }
        )
    )
