"""What an evaluation needs besides the facts: plan versions, assignments, people, calendar."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.among import among, among_named
from conveyor.bonuses.engine.facts import EmployeeFact, LeadFacts
from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.engine.plan_book import PlanAssignment, PlanBook
from conveyor.bonuses.engine.roster import Roster
from conveyor.bonuses.plans.documents import PlanDocument
from conveyor.bonuses.plans.tables import PlanAssignmentSet, PlanVersion
from conveyor.kit.calendar import BusinessCalendar
from conveyor.kit.direct import Direct
from conveyor.roster.queries import DepartmentCalendar, current_calendar
from conveyor.roster.tables import Employee

PeriodLength = Literal["month", "quarter"]

_VERSIONS = Direct(
    select(PlanVersion.code, PlanVersion.version, PlanVersion.document)
    .where(PlanVersion.role == bindparam("role"))
    .order_by(PlanVersion.code, PlanVersion.version)
)
_ASSIGNMENTS = Direct(
    select(PlanAssignmentSet.employee_id, PlanAssignmentSet.assignments)
    .ext(distinct_on(PlanAssignmentSet.employee_id))
    .where(among_named(PlanAssignmentSet.employee_id, "employees"))
    .order_by(PlanAssignmentSet.employee_id, PlanAssignmentSet.revision.desc())
)
_EMPLOYEES = Direct(
    select(
        Employee.employee_id,
        Employee.role,
        Employee.payroll_number,
        Employee.hired_on,
        Employee.left_on,
        Employee.successor_id,
        Employee.revision,
    ).where(among_named(Employee.employee_id, "employees"))
)


@dataclass(frozen=True, slots=True)
class Terms:
    """Plans and people of one role as an evaluation reads them. `currency` is the department's."""

    role: BonusRole
    book: PlanBook
    roster: Roster
    calendar: BusinessCalendar
    currency: str
    period_lengths: frozenset[PeriodLength]
    """Lengths of the period bonuses per client that any version pays."""
    gated: bool
    """Whether any version has components behind a gate."""


@dataclass(frozen=True, slots=True)
class Supposing:
    """What if this employee had left on that day, with that successor."""

    employee_id: UUID
    left_on: date
    successor_id: UUID | None


async def terms_for(
    session: AsyncSession,
    *,
    role: BonusRole,
    employee_ids: Collection[UUID],
    versions: Sequence[PlanDocument] | None = None,
    default_plan: str | None = None,
    supposing: Supposing | None = None,
    department: DepartmentCalendar | None = None,
) -> Terms:
    """The terms for an evaluation that concerns these employees and whoever takes over from them.

    `versions` and `default_plan` stand in for the published ones: a replay asks what others would have paid.
    `supposing` puts somebody's departure into the roster as if it were known; nothing is stored of it.
    `department` is the current calendar where the caller has read it already.
    """
    department = department or await current_calendar(session)
    people = await _with_successors(session, employee_ids)
    roster = Roster([_supposed(person, supposing) for person in people])
    versions = await published_versions(session, role=role) if versions is None else versions
    known = {*employee_ids, *(person.employee_id for person in people)}
    return Terms(
        role=role,
        book=PlanBook(
            role=role,
            versions=versions,
            default_plan=default_plan or default_plan_of(role),
            roster=roster,
            assignments=await _assignments(session, known),
        ),
        roster=roster,
        calendar=department.calendar,
        currency=department.currency,
        period_lengths=frozenset(
            part.period for version in versions for part in version.period_bonuses if part.per == "client"
        ),
        gated=any(part.gated_by is not None for version in versions for part in version.per_fact),
    )


def _supposed(person: EmployeeFact, supposing: Supposing | None) -> EmployeeFact:
    if supposing is None or person.employee_id != supposing.employee_id:
        return person
    return replace(person, left_on=supposing.left_on, successor_id=supposing.successor_id)


def default_plan_of(role: BonusRole) -> str:
    """The plan of everybody of the role who is assigned to no other."""
    return f"{role}-standard"


def people_in(facts: Iterable[LeadFacts]) -> set[UUID]:
    """Everybody named in these facts."""
    people: set[UUID] = set()
    for lead in facts:
        people.update(fact.employee_id for fact in lead.work)
        people.update(fact.employee_id for fact in lead.acceptances)
        people.update(fact.employee_id for fact in lead.owner_changes)
    return people


_parsed: dict[tuple[str, int], tuple[dict[str, Any], PlanDocument]] = {}


async def published_versions(session: AsyncSession, *, role: BonusRole) -> list[PlanDocument]:
    """All versions of the role's plans, by code and version."""
    return [_read(row.code, row.version, row.document) for row in await _VERSIONS.rows(session, role=role)]


def _read(code: str, version: int, document: dict[str, Any]) -> PlanDocument:
    # A version never changes once it is there, so it is parsed once per process.
    found = _parsed.get((code, version))
    if found is None or found[0] != document:
        found = _parsed[code, version] = (document, PlanDocument.model_validate(document))
    return found[1]


async def _assignments(session: AsyncSession, employee_ids: Collection[UUID]) -> list[PlanAssignment]:
    return [
        PlanAssignment(
            employee_id=row.employee_id,
            plan_code=item["plan"],
            from_day=date.fromisoformat(item["from_on"]),
            until_day=date.fromisoformat(item["until_on"]) if item["until_on"] else None,
        )
        for row in await _ASSIGNMENTS.rows(session, employees=list(employee_ids))
        for item in row.assignments
    ]


async def _with_successors(session: AsyncSession, employee_ids: Collection[UUID]) -> list[EmployeeFact]:
    found: dict[UUID, EmployeeFact] = {}
    wanted = set(employee_ids)
    while wanted:
        for row in await _EMPLOYEES.rows(session, employees=list(wanted)):
            found[row.employee_id] = EmployeeFact(**row._asdict())
        successors = {employee.successor_id for employee in found.values() if employee.successor_id is not None}
        wanted = successors - found.keys() - wanted
    return list(found.values())


async def predecessors_of(session: AsyncSession, employee_ids: Collection[UUID]) -> set[UUID]:
    """These employees and everybody whom one of them succeeds, directly or through others."""
    known: set[UUID] = set()
    wanted = set(employee_ids)
    while wanted:
        known |= wanted
        wanted = set(await session.scalars(select(Employee.employee_id).where(among(Employee.successor_id, wanted))))
        wanted -= known
    return known
