"""Flat sums per client and period: retention.

Paid to the client's owner at the period's last instant, over all the client's payments of the period whoever owned it
then, net of refunds made in the period, in the department's currency only.
"""

from datetime import timedelta

from conveyor.bonuses.engine.client_period import ClientPeriod
from conveyor.bonuses.engine.credit import Credited, Uncredited, owner_credit, uncredited
from conveyor.bonuses.engine.lines import Absence, Evaluation, Line, ReasonCode
from conveyor.bonuses.engine.period_reasons import PeriodReason
from conveyor.bonuses.engine.plan_book import PlanBook
from conveyor.bonuses.engine.roster import Roster
from conveyor.bonuses.engine.wording import in_months
from conveyor.bonuses.plans.documents import PeriodBonus, PlanDocument

_LAST_INSTANT = timedelta(microseconds=1)
"""The calendar's resolution: the period's last instant is its end minus this."""


def evaluate_period_bonuses(client: ClientPeriod, *, book: PlanBook, roster: Roster) -> Evaluation:
    """The period's components of the plan that the client's owner at the last instant is on."""
    if client.kind not in book.paid_periods:
        return Evaluation()
    view = client.view
    last = client.ends_at - _LAST_INSTANT
    credited = owner_credit(view.client_owners, last, rule="client_owner", view=view, roster=roster)
    if isinstance(credited, Uncredited):
        if not view.payments:
            return Evaluation()
        return Evaluation((), (_absent(client, credited, book=book),))
    document = book.version_for(credited.employee_id, client.period.last_day)
    if document is None:
        code, text = book.why_no_version(credited.employee_id, client.period.last_day)
        return Evaluation((), (_absent(client, uncredited(code, text), book=book, credited=credited),))
    lines: list[Line] = []
    absences: list[Absence] = []
    for component in document.period_bonuses:
        if component.per != "client" or component.period != client.kind:
            continue
        miss = _why_not(client, component)
        if miss is None:
            lines.append(_line(client, component, document=document, credited=credited))
        else:
            absences.append(_absent(client, miss, book=book, credited=credited, component=component.code))
    return Evaluation(tuple(lines), tuple(absences))


def _why_not(client: ClientPeriod, component: PeriodBonus) -> Uncredited | None:
    threshold, _ = component.client_terms
    age = client.view.age
    day = client.period.last_day.isoformat()
    if threshold.currency != client.currency:
        text = f"the plan's threshold is in {threshold.currency}, the department pays in {client.currency}"
        return uncredited("plan_in_other_currency", text)
    if age.start is None:
        return uncredited("no_payment", f"the client had paid nothing by {day}")
    months = component.client_older_than_months
    since = age.start.payment.paid_at
    if not age.is_older(than_months=months, at=client.ends_at, calendar=client.view.calendar):
        text = f"the client was younger than {in_months(months)} on {day}"
        return uncredited("client_too_young", text, {"client_since": since.isoformat(), "months": months})
    net = client.measure().net
    missing = threshold - net
    if missing.amount_minor > 0:
        text = (
            f"payments of {client.period}, net of refunds made in it, were {net.text}: "
            f"{missing.text} below the threshold of {threshold.text}"
        )
        details = {"net": net.text, "threshold": threshold.text, "missing": missing.text}
        return uncredited("below_threshold", text, {**details, "currency": net.currency})
    return None


def _line(client: ClientPeriod, component: PeriodBonus, *, document: PlanDocument, credited: Credited) -> Line:
    return Line(
        role=document.role,
        component=component.code,
        plan_code=document.code,
        plan_version=document.version,
        employee_id=credited.employee_id,
        lead_id=client.view.lead_id,
        cause=f"{client.kind}:{client.period}",
        cause_id=str(client.period),
        earned_on=client.period.last_day,
        amount=component.client_terms[1],
        timing="at_close",
        reason=PeriodReason(client, component, document, credited),
    )


def _absent(
    client: ClientPeriod,
    why: Uncredited,
    *,
    book: PlanBook,
    credited: Credited | None = None,
    component: str | None = None,
) -> Absence:
    code: ReasonCode = why.code
    return Absence(
        role=book.role,
        component=component,
        employee_id=credited.employee_id if credited else None,
        lead_id=client.view.lead_id,
        cause=f"{client.kind}:{client.period}",
        cause_id=str(client.period),
        earned_on=client.period.last_day,
        reason_code=code,
        why=why.why,
    )
