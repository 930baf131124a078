"""The rule of each role, and who shares a line by a split."""

from uuid import UUID

from conveyor.bonuses.engine.credit import ClientOwnerCredit, Credited, CreditRule, DealOwnerCredit
from conveyor.bonuses.engine.deals import DealMatch
from conveyor.bonuses.engine.lead_view import LeadView
from conveyor.bonuses.engine.plan_book import PlanBook
from conveyor.bonuses.engine.roster import Roster
from conveyor.bonuses.engine.sdr_credit import BookedMeetingCredit
from conveyor.bonuses.engine.settlement import SettledPayment
from conveyor.bonuses.plans.modifiers import SplitPart
from conveyor.kit.calendar import BusinessCalendar


def credit_rule(view: LeadView, *, book: PlanBook, roster: Roster) -> CreditRule:
    """The rule of the book's role for one lead."""
    match book.role:
        case "sdr":
            return BookedMeetingCredit(view, roster, book)
        case "ae":
            return DealOwnerCredit(view, roster)
        case "am":
            return ClientOwnerCredit(view, roster)


def parties(
    split: tuple[SplitPart, ...],
    *,
    rule: CreditRule,
    settled: SettledPayment,
    deal: DealMatch | None,
    credited: Credited,
    roster: Roster,
    calendar: BusinessCalendar,
) -> list[tuple[UUID, int]]:
    """Who shares the line with which weight. A share of nobody, or of somebody who had left, goes to the others."""
    if not split:
        return [(credited.employee_id, 1)]
    named = rule.earlier(settled, deal)
    others = [employee_id for employee_id in named if employee_id != credited.employee_id]
    people = {"credited": credited.employee_id, "first": named[0] if named else None, "previous": None}
    people["previous"] = others[-1] if others else None
    weights: dict[UUID, int] = {}
    for part in split:
        employee_id = people[part.who]
        if employee_id is None:
            continue
        if part.who != "credited" and roster.has_left(employee_id, settled.payment.paid_at, calendar):
            continue
        weights[employee_id] = weights.get(employee_id, 0) + part.weight
    return list(weights.items()) or [(credited.employee_id, 1)]
