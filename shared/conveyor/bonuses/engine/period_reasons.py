"""Why a period bonus is what it is. Built only when asked."""

from collections.abc import Mapping
from dataclasses import dataclass

from conveyor.bonuses.engine.client_period import ClientPeriod, PeriodMeasure
from conveyor.bonuses.engine.credit import Credited
from conveyor.bonuses.engine.explanation import Derivation, Explanation, JsonValue
from conveyor.bonuses.engine.settlement import SettledPayment, SettledRefund
from conveyor.bonuses.plans.documents import PeriodBonus, PlanDocument
from conveyor.kit.money import Money


@dataclass(frozen=True, slots=True)
class PeriodReason:
    """What a period bonus was computed from."""

    client: ClientPeriod
    component: PeriodBonus
    document: PlanDocument
    credited: Credited

    def explanation(self) -> Explanation:
        """The measure against the threshold, then the flat sum."""
        measure = self.client.measure()
        threshold, amount = self.component.client_terms
        derivation = Derivation(terms=self._terms(amount, threshold), inputs=self._inputs(measure))
        text = "payments of the period: {result} in minor units"
        derivation.step("paid", "add", "0", "inputs.0.paid_minor", text=text)
        text = "net of refunds made in the period: {result}"
        derivation.step("net", "subtract", "steps.paid", "inputs.0.refunded_minor", text=text)
        text = "above the threshold by {result}, which is not below zero"
        derivation.step("over_threshold", "subtract", "steps.net", "terms.threshold_minor", text=text)
        derivation.step("line", "add", "terms.amount_minor", text="the flat sum: {result}")
        over = measure.net - threshold
        return Explanation(
            role=self.document.role,
            plan_code=self.document.code,
            plan_version=self.document.version,
            component=self.component.code,
            kind=self.component.kind,
            terms=derivation.terms,
            inputs=derivation.inputs,
            steps=tuple(derivation.steps),
            result=amount,
            what_would_change=(
                f"refunds of more than {over.text} made in {self.client.period} would take the bonus away",
                "another owner at the period's last instant would be paid instead",
            ),
        )

    def _terms(self, amount: Money, threshold: Money) -> dict[str, JsonValue]:
        return {
            "period": self.component.period,
            "measure": self.component.measure,
            "client_older_than_months": self.component.client_older_than_months,
            "threshold_minor": threshold.amount_minor,
            "amount_minor": amount.amount_minor,
            "currency": amount.currency,
        }

    def _inputs(self, measure: PeriodMeasure) -> tuple[Mapping[str, JsonValue], ...]:
        start = self.client.view.age.start
        return (
            {
                "what": "payments_of_period",
                "period": str(self.client.period),
                "starts_at": self.client.starts_at.isoformat(),
                "ends_at": self.client.ends_at.isoformat(),
                "paid_minor": sum(item.payment.amount.amount_minor for item in measure.payments),
                "refunded_minor": sum(item.counted_minor for item in measure.refunds),
                "payments": [_payment_input(item) for item in measure.payments],
                "refunds": [_refund_input(item) for item in measure.refunds],
            },
            {
                "what": "credit",
                "rule": self.credited.rule,
                "employee_id": str(self.credited.employee_id),
                "since": self.credited.since.isoformat(),
                "fact_ids": [str(fact_id) for fact_id in self.credited.fact_ids],
            },
            {
                "what": "client_age",
                "client_since": start.payment.paid_at.isoformat() if start else None,
                "fact_id": str(start.payment.fact_id) if start else None,
            },
        )


def _payment_input(item: SettledPayment) -> dict[str, JsonValue]:
    payment = item.payment
    return {
        "payment_id": payment.payment_id,
        "source": payment.source,
        "fact_id": str(payment.fact_id),
        "delivery_id": str(payment.delivery_id) if payment.delivery_id else None,
        "paid_at": payment.paid_at.isoformat(),
        "amount_minor": payment.amount.amount_minor,
    }


def _refund_input(item: SettledRefund) -> dict[str, JsonValue]:
    refund = item.refund
    return {
        "refund_id": refund.refund_id,
        "payment_id": refund.payment_id,
        "source": refund.source,
        "fact_id": str(refund.fact_id),
        "delivery_id": str(refund.delivery_id) if refund.delivery_id else None,
        "counts_at": item.counts_at.isoformat(),
        "counted_minor": item.counted_minor,
    }
