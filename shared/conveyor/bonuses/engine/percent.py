"""Percentages of payments, and what refunds take back of them.

A line is half_up(rate × payment), at most what the cap per client leaves; the cap is filled by gross lines in the order
(paid_at, payment id) and no refund frees it. A refund takes back half_up(line × refunded so far ÷ payment) minus what
earlier refunds of that payment took, from the same employee, dated by the refund.
"""

from dataclasses import dataclass, replace

from conveyor.bonuses.engine.cap_filling import CapFilling
from conveyor.bonuses.engine.credit import Credited, Uncredited, uncredited
from conveyor.bonuses.engine.credit_rules import credit_rule, parties
from conveyor.bonuses.engine.deals import DealMatch
from conveyor.bonuses.engine.holdback import release_of
from conveyor.bonuses.engine.lead_view import LeadView
from conveyor.bonuses.engine.lines import Absence, Evaluation, Line, Said
from conveyor.bonuses.engine.paying_months import PayingMonths
from conveyor.bonuses.engine.payment_lines import base_minor, payment_lines
from conveyor.bonuses.engine.percent_reasons import PaymentReason
from conveyor.bonuses.engine.plan_book import PlanBook
from conveyor.bonuses.engine.ramp import ramp_step
from conveyor.bonuses.engine.refund_troubles import refund_troubles
from conveyor.bonuses.engine.roster import Roster
from conveyor.bonuses.engine.selection import NotSelected, why_not_selected
from conveyor.bonuses.engine.settlement import SettledPayment
from conveyor.bonuses.engine.shares import shares_of
from conveyor.bonuses.plans.documents import PercentOfPayment, PlanDocument
from conveyor.kit.money import Money, round_half_up


def evaluate_payments(view: LeadView, *, book: PlanBook, roster: Roster) -> Evaluation:
    """Every payment of the lead under the plan of whom it credits, with its refunds, and refunds in trouble."""
    run = _Payments(view, book, roster)
    for settled, deal in view.matched_payments:
        run.take(settled, deal)
    return Evaluation(tuple(run.lines), (*run.absences, *refund_troubles(view, book.role)))


@dataclass(frozen=True, slots=True)
class _Case:
    """One payment, whom it credits, and his plan."""

    settled: SettledPayment
    deal: DealMatch | None
    credited: Credited
    document: PlanDocument
    months: PayingMonths


class _Payments:
    """One pass over a lead's payments in order; remembers how far each cap is filled."""

    def __init__(self, view: LeadView, book: PlanBook, roster: Roster) -> None:
        self.view = view
        self.book = book
        self.roster = roster
        self.credit = credit_rule(view, book=book, roster=roster)
        self.lines: list[Line] = []
        self.absences: list[Absence] = []
        self._fillings: dict[tuple[str, str], CapFilling] = {}

    def take(self, settled: SettledPayment, deal: DealMatch | None) -> None:
        """Lines and absences of one payment."""
        credited = self.credit(settled, deal)
        if isinstance(credited, Uncredited):
            self._absent(settled, credited)
            return
        document = self.book.version_for(credited.employee_id, settled.day)
        if document is None:
            code, text = self.book.why_no_version(credited.employee_id, settled.day)
            self._absent(settled, uncredited(code, text), credited=credited)
            return
        months = self.view.paying_months(deal.deal_id if deal else None)
        case = _Case(settled, deal, credited, document, months)
        for component in document.percent_of_payment:
            if component.limits is None:
                self._pay(component, case)

    def _pay(self, component: PercentOfPayment, case: _Case) -> None:
        settled = case.settled
        miss = why_not_selected(
            component,
            settled,
            document=case.document,
            months=case.months,
            age=self.view.age,
            calendar=self.view.calendar,
        )
        if miss is not None:
            self._absent(settled, miss, component=component.code, credited=case.credited)
            return
        paid = settled.payment.amount
        filling = self._fillings.setdefault((component.code, paid.currency), CapFilling())
        cap_minor = _cap_minor(component, paid.currency)
        exact = component.exact_rate * base_minor(component, settled.payment)
        step = ramp_step(case.document, case.credited.employee_id, settled.day, roster=self.roster)
        if step is not None:
            exact = exact * step.pays_percent / 100
        amount = gross = round_half_up(exact)
        if cap_minor is not None:
            amount = min(gross, filling.room_minor(cap_minor))
        if amount == 0:
            nothing = _nothing_left(component, settled, gross=gross)
            self._absent(settled, nothing, component=component.code, credited=case.credited)
            return
        reason = PaymentReason(
            role=self.book.role,
            document=case.document,
            component=component,
            settled=settled,
            deal=case.deal,
            credited=case.credited,
            months=case.months,
            age=self.view.age,
            calendar=self.view.calendar,
            cap_minor=cap_minor,
            filling=filling,
            filled_by=len(filling.lines),
            line_minor=amount,
            ramp=step,
        )
        filling.add(settled.payment, amount)
        self._share_out(case, reason)

    def _share_out(self, case: _Case, reason: PaymentReason) -> None:
        component, calendar = reason.component, self.view.calendar
        if not component.split and component.holdback is None:
            self.lines.extend(payment_lines(reason, lead_id=self.view.lead_id))
            return
        people = parties(
            component.split,
            rule=self.credit,
            settled=case.settled,
            deal=case.deal,
            credited=case.credited,
            roster=self.roster,
            calendar=calendar,
        )
        for share, (employee_id, _) in zip(
            shares_of("split", [weight for _, weight in people], reason.line_minor), people, strict=True
        ):
            credited = case.credited
            if employee_id != credited.employee_id:
                credited = replace(credited, employee_id=employee_id, rule="split")
            shares = (share,) if len(people) > 1 else ()
            part = replace(reason, credited=credited, shares=shares, line_minor=share.amount_minor)
            self._hold_back(part)

    def _hold_back(self, reason: PaymentReason) -> None:
        holdback = reason.component.holdback
        if holdback is None:
            self.lines.extend(payment_lines(reason, lead_id=self.view.lead_id))
            return
        now, later = shares_of("holdback", (100 - holdback.percent, holdback.percent), reason.line_minor)
        free = replace(reason, shares=(*reason.shares, now), line_minor=now.amount_minor)
        self.lines.extend(payment_lines(free, lead_id=self.view.lead_id))
        held = replace(reason, shares=(*reason.shares, later), line_minor=later.amount_minor)
        release = release_of(holdback, reason.settled, reason.deal, self.view)
        if isinstance(release, NotSelected):
            self._absent(reason.settled, release, component=reason.component.code, credited=reason.credited)
        else:
            held = replace(held, released=release)
            self.lines.extend(payment_lines(held, lead_id=self.view.lead_id))

    def _absent(
        self,
        settled: SettledPayment,
        why: Uncredited | NotSelected,
        *,
        component: str | None = None,
        credited: Credited | None = None,
    ) -> None:
        self.absences.append(
            Absence(
                role=self.book.role,
                component=component,
                employee_id=credited.employee_id if credited else None,
                lead_id=self.view.lead_id,
                cause=f"payment:{settled.payment.source}:{settled.payment.payment_id}",
                cause_id=settled.payment.payment_id,
                earned_on=settled.day,
                reason_code=why.code,
                why=why.why,
            )
        )


def _cap_minor(component: PercentOfPayment, currency: str) -> int | None:
    """The cap that binds a payment of this currency; a cap is of one currency and binds no other."""
    cap = component.cap_per_client
    return Money.from_wire(cap).amount_minor if cap is not None and cap.currency == currency else None


def _nothing_left(component: PercentOfPayment, settled: SettledPayment, *, gross: int) -> NotSelected:
    if gross == 0:
        text = f"{component.rate} of {settled.payment.amount.text} rounds to zero"
        return NotSelected("rounds_to_zero", Said(text))
    cap = component.cap_per_client.amount if component.cap_per_client else "0"
    text = f"the cap of {cap} per client is exhausted by earlier payments"
    return NotSelected("cap_exhausted", Said(text, {"cap": cap, "currency": settled.payment.amount.currency}))
