"""Percentages of payments, and what refunds take back of them.

A line is half_up(rate × payment), at most what the cap per client leaves; the cap is filled by gross lines in the order
(paid_at, payment id) and no refund frees it. A refund takes back half_up(line × refunded so far ÷ payment) minus what
earlier refunds of that payment took, from the same employee, dated by the refund.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from conveyor.bonuses.engine.cap_filling import CapFilling
from conveyor.bonuses.engine.credit import Credited, CreditRule, Uncredited, credit_rule, uncredited
from conveyor.bonuses.engine.deals import DealMatch
from conveyor.bonuses.engine.lead_view import LeadView
from conveyor.bonuses.engine.lines import Absence, BonusRole, Evaluation, Line, Said
from conveyor.bonuses.engine.paying_months import PayingMonths
from conveyor.bonuses.engine.percent_reasons import PaymentReason, RefundReason
from conveyor.bonuses.engine.plan_book import PlanBook
from conveyor.bonuses.engine.roster import Roster
from conveyor.bonuses.engine.selection import NotSelected, why_not_selected
from conveyor.bonuses.engine.settlement import SettledPayment
from conveyor.bonuses.plans.documents import PercentOfPayment, PlanDocument
from conveyor.kit.money import Money, round_half_up


def evaluate_payments(view: LeadView, *, book: PlanBook, roster: Roster) -> Evaluation:
    """Every payment of the lead under the plan of whom it credits, with its refunds, and refunds in trouble."""
    run = _Payments(view, book, credit_rule(book.role, view=view, roster=roster))
    for settled, deal in view.matched_payments:
        run.take(settled, deal)
    return Evaluation(tuple(run.lines), (*run.absences, *_troubles(view, book.role)))


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

    def __init__(self, view: LeadView, book: PlanBook, credit: CreditRule) -> None:
        self.view = view
        self.book = book
        self.credit = credit
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
        amount = gross = round_half_up(component.exact_rate * paid.amount_minor)
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
        )
        filling.add(settled.payment, amount)
        self._add(component, case, reason)

    def _add(self, component: PercentOfPayment, case: _Case, reason: PaymentReason) -> None:
        payment = case.settled.payment
        line = Line(
            role=self.book.role,
            component=component.code,
            plan_code=case.document.code,
            plan_version=case.document.version,
            employee_id=case.credited.employee_id,
            lead_id=self.view.lead_id,
            cause=f"payment:{payment.source}:{payment.payment_id}",
            cause_id=payment.payment_id,
            earned_on=case.settled.day,
            amount=Money(reason.line_minor, payment.amount.currency),
            timing="at_once",
            reason=reason,
        )
        self.lines.append(line)
        self.lines.extend(_taken_back(line, reason))

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


def _taken_back(line: Line, reason: PaymentReason) -> Iterator[Line]:
    """The refund lines of one payment's line. Together they never exceed it; a whole refund leaves zero."""
    payment = reason.settled.payment
    taken = 0
    for index, settled_refund in enumerate(reason.settled.refunds):
        share = Fraction(reason.line_minor * settled_refund.so_far_minor, payment.amount.amount_minor)
        so_far = round_half_up(share)
        if so_far != taken:
            refund = settled_refund.refund
            yield Line(
                role=line.role,
                component=line.component,
                plan_code=line.plan_code,
                plan_version=line.plan_version,
                employee_id=line.employee_id,
                lead_id=line.lead_id,
                cause=f"refund:{refund.source}:{refund.refund_id}",
                cause_id=refund.refund_id,
                earned_on=reason.calendar.day_of(settled_refund.counts_at),
                amount=Money(taken - so_far, line.amount.currency),
                timing="at_once",
                reason=RefundReason(line=reason, index=index),
            )
        taken = so_far


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


def _troubles(view: LeadView, role: BonusRole) -> Iterator[Absence]:
    """Refunds that could not be taken as they came: reported, no line."""
    for trouble in view.settlement.troubles:
        refund = trouble.refund
        excess = Money(trouble.excess_minor, refund.amount.currency)
        said = {
            "refund_exceeds_payment": f"{excess.text} of it exceeds what was left of payment {refund.payment_id}",
            "refund_in_other_currency": f"the refund is in another currency than payment {refund.payment_id}",
            "payment_unknown": f"payment {refund.payment_id} is not known",
        }[trouble.code]
        yield Absence(
            role=role,
            component=None,
            employee_id=None,
            lead_id=view.lead_id,
            cause=f"refund:{refund.source}:{refund.refund_id}",
            cause_id=refund.refund_id,
            earned_on=view.calendar.day_of(refund.refunded_at),
            reason_code=trouble.code,
            why=Said(said, {"payment_id": refund.payment_id, "excess": excess.text, "currency": excess.currency}),
        )
