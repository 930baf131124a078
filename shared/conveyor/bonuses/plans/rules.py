"""What makes a set of plan assignments sensible. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from conveyor.kit.refusals import FieldError, Invalid, Refusal


class EmployeeOfAnotherRole(Refusal):
    """This employee is paid by another stage; assign his plan there."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """On a plan (None: on none) over the half-open days [from_on, until_on); no `until_on`: until further notice."""

    plan: str | None
    from_on: date
    until_on: date | None


def check_assignments(assignments: Sequence[Assignment], *, plans: Collection[str]) -> None:
    """Raise Invalid naming each field that is wrong: an unknown plan, an empty interval, an overlap with another."""
    errors: list[FieldError] = []
    for index, item in enumerate(assignments):
        if item.plan is not None and item.plan not in plans:
            errors.append(FieldError(f"/assignments/{index}/plan", "no such plan of this role"))
        if item.until_on is not None and item.until_on <= item.from_on:
            errors.append(FieldError(f"/assignments/{index}/until_on", "must be after from_on"))
        if any(_overlap(item, other) for other in assignments[:index]):
            errors.append(FieldError(f"/assignments/{index}/from_on", "overlaps with an assignment before it"))
    if errors:
        raise Invalid(errors=errors)


def _overlap(one: Assignment, other: Assignment) -> bool:
    one_starts_in_time = other.until_on is None or one.from_on < other.until_on
    other_starts_in_time = one.until_on is None or other.from_on < one.until_on
    return one_starts_in_time and other_starts_in_time
