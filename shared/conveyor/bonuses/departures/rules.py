"""Two evaluations of the same facts compared: which lines go, come, or pass to somebody else. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from conveyor.bonuses.engine.lines import Line
from conveyor.kit.money import Money


@dataclass(frozen=True, slots=True)
class LineChange:
    """One cause's line of one component: whose it is and how much, and whose and how much it would be.

    An employee is None, with no amount, where there is no line.
    """

    component: str
    cause_id: str
    lead_id: UUID | None
    earned_on: date
    from_employee_id: UUID | None
    from_amount: Money | None
    to_employee_id: UUID | None
    to_amount: Money | None


def line_changes(*, before: Iterable[Line], after: Iterable[Line]) -> list[LineChange]:
    """What differs, by day, component and cause; lines that stay as they are are left out."""
    old, new = _by_key(before), _by_key(after)
    gone = {key: line for key, line in old.items() if key not in new or new[key].amount != line.amount}
    come = {key: line for key, line in new.items() if key not in old or old[key].amount != line.amount}
    changes = []
    for line in gone.values():
        same = next((other for other in come.values() if _place(other) == _place(line)), None)
        if same is not None:
            del come[same.key]
        changes.append(_change(line, same))
    changes += [_change(None, line) for line in come.values()]
    return sorted(changes, key=lambda one: (one.earned_on, one.component, one.cause_id, str(one.lead_id)))


def totals(changes: Iterable[LineChange]) -> dict[tuple[UUID, str], int]:
    """By (employee, currency): how many minor units more, or fewer, he would have."""
    sums: Counter[tuple[UUID, str]] = Counter()
    for one in changes:
        if one.from_employee_id is not None and one.from_amount is not None:
            sums[one.from_employee_id, one.from_amount.currency] -= one.from_amount.amount_minor
        if one.to_employee_id is not None and one.to_amount is not None:
            sums[one.to_employee_id, one.to_amount.currency] += one.to_amount.amount_minor
    return dict(sums)


def _by_key(lines: Iterable[Line]) -> dict[tuple[object, ...], Line]:
    return {line.key: line for line in lines}


def _place(line: Line) -> tuple[object, ...]:
    return (line.component, line.cause, line.lead_id, line.amount.currency)


def _change(old: Line | None, new: Line | None) -> LineChange:
    line = old or new
    if line is None:
        msg = "a change has a line before or after it"
        raise ValueError(msg)
    return LineChange(
        component=line.component,
        cause_id=line.cause_id,
        lead_id=line.lead_id,
        earned_on=line.earned_on,
        from_employee_id=old.employee_id if old else None,
        from_amount=old.amount if old else None,
        to_employee_id=new.employee_id if new else None,
        to_amount=new.amount if new else None,
    )
