"""What a replay adds up: per employee and currency what the old and the new version pay. Pure."""

from collections.abc import Iterable
from typing import Any, Literal
from uuid import UUID

from conveyor.bonuses.engine.lines import Line
from conveyor.bonuses.plans.version_views import ComparisonView, EmployeeComparisonView, ReplayResultView
from conveyor.kit.calendar import Month
from conveyor.kit.money import Money

Sums = dict[str, dict[str, list[int]]]
"""employee → currency → [old minor units, new minor units], as it is stored."""


def added(sums: Sums, lines: Iterable[Line], *, which: Literal[0, 1], plans: set[str], months: set[Month]) -> Sums:
    """The sums with the lines that these plans pay for these months added to one side."""
    found = {employee_id: {code: list(pair) for code, pair in by.items()} for employee_id, by in sums.items()}
    for line in lines:
        if line.plan_code in plans and Month.of(line.earned_on) in months:
            pair = found.setdefault(str(line.employee_id), {}).setdefault(line.amount.currency, [0, 0])
            pair[which] += line.amount.amount_minor
    return found


def result_of(sums: dict[str, Any]) -> ReplayResultView:
    """The sums as they are answered."""
    employees = [
        _employee(UUID(employee_id), currency, pair)
        for employee_id, by_currency in sorted(sums.items())
        for currency, pair in sorted(by_currency.items())
    ]
    totals: dict[str, list[int]] = {}
    for by_currency in sums.values():
        for currency, (old, new) in by_currency.items():
            pair = totals.setdefault(currency, [0, 0])
            pair[0] += old
            pair[1] += new
    return ReplayResultView(
        totals=[_comparison(currency, pair) for currency, pair in sorted(totals.items())],
        employees=employees,
        winners=sum(1 for item in employees if item.outcome == "winner"),
        losers=sum(1 for item in employees if item.outcome == "loser"),
    )


def _comparison(currency: str, pair: list[int]) -> ComparisonView:
    old, new = (Money(minor, currency) for minor in pair)
    return ComparisonView(old=old.to_wire(), new=new.to_wire(), difference=(new - old).to_wire())


def _employee(employee_id: UUID, currency: str, pair: list[int]) -> EmployeeComparisonView:
    told = _comparison(currency, pair)
    outcome: Literal["winner", "loser", "unchanged"] = "unchanged"
    if pair[1] != pair[0]:
        outcome = "winner" if pair[1] > pair[0] else "loser"
    return EmployeeComparisonView(
        employee_id=employee_id, outcome=outcome, old=told.old, new=told.new, difference=told.difference
    )
