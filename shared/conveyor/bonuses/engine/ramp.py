"""Ramp of newcomers: by whole months since `hired_on`, on the day of the fact."""

from datetime import date
from uuid import UUID

from conveyor.bonuses.engine.roster import Roster
from conveyor.bonuses.plans.documents import PlanDocument
from conveyor.bonuses.plans.modifiers import RampStep
from conveyor.kit.calendar import Month


def months_later(day: date, months: int) -> date:
    """The same day so many months later, clamped to the month's end."""
    month = Month.of(day).plus(months)
    return date(month.year, month.month, min(day.day, month.last_day.day))


def ramp_step(document: PlanDocument, employee_id: UUID, day: date, *, roster: Roster) -> RampStep | None:
    """The step that the employee is in; None when he is through or the plan has no ramp. The later step wins."""
    if not document.ramp:
        return None
    employee = roster.find(employee_id)
    if employee is None:
        return None
    holding = [
        step
        for step in document.ramp
        if months_later(employee.hired_on, step.from_months) <= day < months_later(employee.hired_on, step.until_months)
    ]
    return max(holding, key=lambda step: (step.from_months, -step.until_months), default=None)
