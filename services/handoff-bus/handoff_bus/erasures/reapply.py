"""Say all erasures again, after a database was restored from a copy that still holds people who were erased since.

Services that know an erasure only repeat their word; a restored one erases again. Records that the bus itself lost come
with the request, as they were kept outside.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from conveyor.contracts.erasure import ErasuresReapplied
from conveyor.contracts.personal import pseudonym_of
from conveyor.contracts.values import IMPERSONAL_SYSTEMS
from conveyor.erasing.tables import ErasureHere
from conveyor.kit.context import current_context
from conveyor.kit.database import Database, Transaction, lock
from conveyor.kit.ids import new_id
from handoff_bus.deliveries.wake import lock_correlation
from handoff_bus.employees.tables import Employee
from handoff_bus.erasures.kept_records import KeptRecord
from handoff_bus.erasures.queries import ReapplicationView, find_reapplication
from handoff_bus.erasures.request_erasure import forget_employee, say_erased
from handoff_bus.erasures.tables import Erasure, ErasureReapplication
from handoff_bus.references.tables import ClaimedReference

# An order is heard by the bus itself within seconds; one that is older and was not heard is missing in this database.
HEARD_AFTER = timedelta(minutes=10)


async def reapply_erasures(database: Database, *, reason: str, records: Sequence[KeptRecord] = ()) -> ReapplicationView:
    """Add the records that are missing here, then say every erasure again. Safe to repeat."""
    async with database.transaction() as tx:
        await lock(tx, "erasures reapplied")
        added = await _add(tx, records)
        erasures = (await tx.session.scalars(select(Erasure).order_by(Erasure.erasure_id))).all()
        for each in erasures:
            await _at_once(tx, each)
            say_erased(tx, each)
        now = (await tx.session.execute(select(func.clock_timestamp()))).scalar_one()
        await tx.session.execute(update(Erasure).values(reapplied_at=now))
        reapplication_id = new_id()
        tx.session.add(
            ErasureReapplication(
                reapplication_id=reapplication_id,
                asked_at=now,
                asked_by=current_context().actor,
                reason=reason,
                erasures=len(erasures),
                added=added,
            )
        )
        await tx.session.flush()
        newest = erasures[-1].erasure_id if erasures else None
        tx.say(ErasuresReapplied(reapplication_id=reapplication_id, erasures=len(erasures), newest_id=newest))
        return await tx.commit(await find_reapplication(tx.session, reapplication_id=reapplication_id))


async def _add(tx: Transaction, records: Sequence[KeptRecord]) -> int:
    if not records:
        return 0
    rows = [each.row() for each in records]
    done = await tx.session.execute(insert(Erasure).on_conflict_do_nothing().returning(Erasure.erasure_id), rows)
    return len(done.all())


async def _at_once(tx: Transaction, erasure: Erasure) -> None:
    """What only the bus can do, where it was lost: the roster names him, or phones of the contact lead to the lead."""
    if erasure.kind == "employee":
        named = select(Employee.employee_id).where(
            Employee.employee_id == erasure.subject_id, Employee.full_name != pseudonym_of(erasure.subject_id)
        )
        if await tx.session.scalar(named) is not None:
            await forget_employee(tx, erasure.subject_id)
    elif erasure.kind == "contact" and tx.now - erasure.requested_at > HEARD_AFTER:
        heard = await tx.session.scalar(
            select(func.count()).where(ErasureHere.erasure_id == erasure.erasure_id).select_from(ErasureHere)
        )
        if not heard and erasure.lead_id is not None:
            await _forget_names(tx, erasure.lead_id)


async def _forget_names(tx: Transaction, lead_id: UUID) -> None:
    # Which of them were his was written down nowhere, so all go; those of the others are entered again.
    await lock_correlation(tx)
    await tx.session.execute(
        delete(ClaimedReference).where(
            ClaimedReference.lead_id == lead_id, ClaimedReference.system.not_in(IMPERSONAL_SYSTEMS | {"inn"})
        )
    )
