"""The lines of one payment's share: its own, and what each refund takes back of it.

Together the refunds never take more than the line, and a whole refund without a clawback window leaves zero.
"""

from collections.abc import Iterator
from fractions import Fraction
from uuid import UUID

from conveyor.bonuses.engine.clawback import clawback_factor
from conveyor.bonuses.engine.facts import PaymentFact
from conveyor.bonuses.engine.lines import Line
from conveyor.bonuses.engine.percent_reasons import PaymentReason
from conveyor.bonuses.engine.refund_reasons import RefundReason
from conveyor.bonuses.plans.documents import PercentOfPayment
from conveyor.kit.money import Money, round_half_up


def base_minor(component: PercentOfPayment, payment: PaymentFact) -> int:
    """What the rate applies to: the payment, or the payment without its VAT (none named: none taken off)."""
    if component.base == "gross" or payment.vat is None:
        return payment.amount.amount_minor
    return max(0, payment.amount.amount_minor - payment.vat.amount_minor)


def payment_lines(reason: PaymentReason, *, lead_id: UUID) -> Iterator[Line]:
    """The line and its refunds; nothing for a share of nothing. A held part is credited on the day of its release."""
    if reason.line_minor == 0:
        return
    payment, released = reason.settled.payment, reason.released
    line = Line(
        role=reason.role,
        component=reason.component.code,
        plan_code=reason.document.code,
        plan_version=reason.document.version,
        employee_id=reason.credited.employee_id,
        lead_id=lead_id,
        cause=f"{reason.cause_prefix}payment:{payment.source}:{payment.payment_id}",
        cause_id=payment.payment_id,
        earned_on=reason.settled.day if released is None else released.on,
        amount=Money(reason.line_minor, payment.amount.currency),
        timing=reason.timing,
        reason=reason,
    )
    yield line
    yield from _taken_back(line, reason)


def _taken_back(line: Line, reason: PaymentReason) -> Iterator[Line]:
    payment = reason.settled.payment
    clawback = reason.component.clawback
    taken, weighted = 0, Fraction(0)
    for index, settled_refund in enumerate(reason.settled.refunds):
        refunded_on = reason.calendar.day_of(settled_refund.counts_at)
        if clawback is None:
            weighted = Fraction(settled_refund.so_far_minor)
        else:
            factor = clawback_factor(clawback, paid_on=reason.settled.day, refunded_on=refunded_on)
            weighted += settled_refund.counted_minor * factor
        so_far = round_half_up(reason.line_minor * weighted / payment.amount.amount_minor)
        if so_far != taken:
            refund = settled_refund.refund
            yield Line(
                role=line.role,
                component=line.component,
                plan_code=line.plan_code,
                plan_version=line.plan_version,
                employee_id=line.employee_id,
                lead_id=line.lead_id,
                cause=f"{reason.cause_prefix}refund:{refund.source}:{refund.refund_id}",
                cause_id=refund.refund_id,
                earned_on=max(line.earned_on, refunded_on) if reason.released else refunded_on,
                amount=Money(taken - so_far, line.amount.currency),
                timing=line.timing,
                reason=RefundReason(line=reason, index=index),
            )
        taken = so_far
