"""Order an erasure: the record, the fact that all services hear, and what only the bus can do at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, select

from conveyor.contracts.erasure import LeadErased, PersonErased
from conveyor.contracts.personal import pseudonym_of
from conveyor.contracts.values import Reference
from conveyor.erasing.subjects import SubjectKind
from conveyor.kit.context import current_context
from conveyor.kit.database import Database, Transaction, lock
from conveyor.kit.ids import new_id
from conveyor.kit.refusals import NotFound
from handoff_bus.calendar.queries import department_zone
from handoff_bus.deliveries.wake import lock_correlation
from handoff_bus.employees.record_employee import announce, keep_names
from handoff_bus.employees.tables import Employee
from handoff_bus.erasures.act import Act
from handoff_bus.erasures.queries import ErasureView, find_erasure
from handoff_bus.erasures.rules import CATEGORIES, AlreadyErased, AskedBy, Ground, check_has_left
from handoff_bus.erasures.tables import Erasure
from handoff_bus.references.queries import known_leads
from handoff_bus.references.rules import normal_value
from handoff_bus.references.tables import ClaimedReference


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRequest:
    """Whom to erase, and why. `names` are phones and e-mails of a contact, used at once and written down nowhere."""

    kind: SubjectKind
    subject_id: UUID
    lead_id: UUID | None
    ground: Ground
    asked_by: AskedBy
    request_number: str | None
    names: Sequence[Reference] = ()


async def request_erasure(database: Database, request: ErasureRequest, act: Act) -> ErasureView:
    """Record the erasure with what the act says, and say it. Raises NotFound, AlreadyErased, EmployeeStillWorks."""
    async with database.transaction() as tx:
        await lock(tx, "erasure", str(request.subject_id))
        known = select(Erasure.erasure_id).where(Erasure.kind == request.kind, Erasure.subject_id == request.subject_id)
        if await tx.session.scalar(known) is not None:
            raise AlreadyErased
        await _at_once(tx, request)
        erasure_id = new_id()
        erasure = Erasure(
            erasure_id=erasure_id,
            kind=request.kind,
            subject_id=request.subject_id,
            lead_id=request.lead_id,
            ground=request.ground,
            asked_by=request.asked_by,
            request_number=request.request_number,
            requested_at=tx.now,
            carried_out_by=current_context().actor,
            categories=list(CATEGORIES[request.kind]),
            **act.columns(),
            purged_messages=None,
            completed_at=None,
        )
        tx.session.add(erasure)
        await tx.session.flush()
        say_erased(tx, erasure)
        return await tx.commit(await find_erasure(tx.session, erasure_id=erasure_id))


async def _at_once(tx: Transaction, request: ErasureRequest) -> None:
    if request.kind == "employee":
        await forget_employee(tx, request.subject_id, must_have_left=True)
        return
    lead_id = request.subject_id if request.kind == "lead" else request.lead_id
    if lead_id is None or not await known_leads(tx.session, [lead_id]):
        raise NotFound
    if request.names:
        await lock_correlation(tx)
    for name in request.names:
        await tx.session.execute(
            delete(ClaimedReference).where(
                ClaimedReference.lead_id == lead_id,
                ClaimedReference.system == name.system,
                ClaimedReference.value == normal_value(system=name.system, value=name.value),
            )
        )


async def forget_employee(tx: Transaction, employee_id: UUID, *, must_have_left: bool = False) -> None:
    """Take his name off the roster and tell everybody. Raises NotFound, EmployeeStillWorks."""
    await lock(tx, "roster")
    employee = await tx.session.scalar(select(Employee).where(Employee.employee_id == employee_id).with_for_update())
    if employee is None:
        raise NotFound
    if must_have_left:
        zone = await department_zone(tx.session)
        check_has_left(left_on=employee.left_on, today=tx.now.astimezone(zone).date())
    # He stays under his payroll number: what he earned is still paid, taxed and kept.
    employee.full_name = pseudonym_of(employee_id)
    employee.revision += 1
    names = [("payroll_number", employee.payroll_number)]
    await tx.session.flush()
    await keep_names(tx, employee, names)
    await announce(tx, employee, names)


def say_erased(tx: Transaction, erasure: Erasure) -> None:
    """The fact by which every service hears of it."""
    if erasure.kind == "lead":
        tx.say(LeadErased(erasure_id=erasure.erasure_id, lead_id=erasure.subject_id))
        return
    kind: Literal["employee", "contact"] = "employee" if erasure.kind == "employee" else "contact"
    tx.say(
        PersonErased(erasure_id=erasure.erasure_id, kind=kind, person_id=erasure.subject_id, lead_id=erasure.lead_id)
    )
