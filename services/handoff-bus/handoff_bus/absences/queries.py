"""Reading absences."""

from datetime import date
from uuid import UUID

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.contracts.roster import AbsenceKind
from conveyor.kit.http.models import AnswerModel
from conveyor.kit.http.pagination import Page, PageRequest, page_of
from conveyor.kit.refusals import NotFound
from handoff_bus.absences.tables import Absence
from handoff_bus.employees.tables import Employee


class AbsenceView(AnswerModel):
    """Away from `from` until he is back on `until` (that day he works again).

    `kind` tells of somebody's health: null for whoever is neither he nor plans, pays or audits.
    """

    id: UUID
    employee_id: UUID
    revision: int
    from_on: date = Field(serialization_alias="from")
    until_on: date = Field(serialization_alias="until")
    kind: AbsenceKind | None


def view_of(absence: Absence) -> AbsenceView:
    """The answer for one absence."""
    return AbsenceView.model_validate(
        {
            "id": absence.absence_id,
            "employee_id": absence.employee_id,
            "revision": absence.revision,
            "from_on": absence.from_on,
            "until_on": absence.until_on,
            "kind": absence.kind,
        }
    )


async def list_absences(
    session: AsyncSession, *, employee_id: UUID, shows_kind: bool, page: PageRequest
) -> Page[AbsenceView]:
    """An employee's absences that stand, oldest first. Raises NotFound for an unknown employee."""
    if await session.get(Employee, employee_id) is None:
        raise NotFound
    statement = select(Absence).where(Absence.employee_id == employee_id, Absence.cancelled.is_(False))
    found, cursor = await page_of(session, statement, key=[Absence.from_on, Absence.absence_id], page=page)
    views = [view_of(absence) for absence in found]
    if not shows_kind:
        views = [view.model_copy(update={"kind": None}) for view in views]
    return Page[AbsenceView](items=views, next_cursor=cursor)
