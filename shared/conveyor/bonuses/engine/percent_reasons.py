"""Why a percentage of a payment, or what a refund takes back of it, is what it is. Built only when asked."""

from collections.abc import Mapping
from dataclasses import dataclass

from conveyor.bonuses.engine.cap_filling import CapFilling
from conveyor.bonuses.engine.client_age import ClientAge
from conveyor.bonuses.engine.credit import Credited
from conveyor.bonuses.engine.deals import DealMatch
from conveyor.bonuses.engine.explanation import Derivation, Explanation, JsonValue
from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.engine.paying_months import PayingMonths
from conveyor.bonuses.engine.settlement import SettledPayment, SettledRefund
from conveyor.bonuses.plans.documents import PayingMonthSelector, PercentOfPayment, PlanDocument
from conveyor.kit.calendar import BusinessCalendar
from conveyor.kit.money import Money


@dataclass(frozen=True, slots=True)
class PaymentReason:
    """What a payment's line was computed from."""

    role: BonusRole
    document: PlanDocument
    component: PercentOfPayment
    settled: SettledPayment
    deal: DealMatch | None
    credited: Credited
    months: PayingMonths
    age: ClientAge
    calendar: BusinessCalendar
    cap_minor: int | None
    filling: CapFilling
    filled_by: int
    line_minor: int

    def explanation(self) -> Explanation:
        """The derivation of the payment's line."""
        derivation = self.derive(())
        changes = [
            "a refund of this payment takes its share back",
            *self._selection_changes(),
            "another owner at the time of the payment would be credited instead",
        ]
        return self.explained(derivation, self.line_minor, tuple(changes))

    def explained(self, derivation: Derivation, amount_minor: int, changes: tuple[str, ...]) -> Explanation:
        """An explanation around these steps."""
        return Explanation(
            role=self.role,
            plan_code=self.document.code,
            plan_version=self.document.version,
            component=self.component.code,
            kind=self.component.kind,
            terms=derivation.terms,
            inputs=derivation.inputs,
            steps=tuple(derivation.steps),
            result=Money(amount_minor, self.settled.payment.amount.currency),
            what_would_change=changes,
        )

    def derive(self, more_inputs: tuple[Mapping[str, JsonValue], ...]) -> Derivation:
        """The steps up to the payment's line; `inputs.0` is the payment, further inputs are appended."""
        inputs = (self._payment_input(), self._credit_input(), self._selection_input(), *self._cap_inputs())
        derivation = Derivation(terms=self._terms(), inputs=(*inputs, *more_inputs))
        currency = self.settled.payment.amount.currency
        derivation.step(
            "gross",
            "multiply",
            "inputs.0.amount_minor",
            "terms.rate",
            text=f"{self.component.rate} of {self.settled.payment.amount.text} {currency} is {{result}} in minor units",
        )
        derivation.step("rounded", "round_half_up", "steps.gross", text="rounded half up to the minor unit: {result}")
        if self.cap_minor is not None:
            derivation.step(
                "room",
                "subtract",
                "terms.cap_minor",
                "inputs.3.total_minor",
                text="of the cap per client earlier lines left {result}",
            )
            derivation.step("open_room", "maximum", "steps.room", "0", text="which is not below zero: {result}")
            text = "the line is at most that: {result}"
            derivation.step("line", "minimum", "steps.rounded", "steps.open_room", text=text)
        else:
            derivation.step("line", "add", "steps.rounded", text="the line: {result}")
        return derivation

    def _terms(self) -> dict[str, JsonValue]:
        component = self.component
        terms: dict[str, JsonValue] = {
            "rate": component.rate,
            "base": component.base,
            "selector": component.selector.model_dump(mode="json"),
            "rounding": "half up, once per line",
        }
        if component.cap_per_client is not None:
            terms["cap_minor"] = Money.from_wire(component.cap_per_client).amount_minor
            terms["cap_currency"] = component.cap_per_client.currency
        return terms

    def _payment_input(self) -> dict[str, JsonValue]:
        payment = self.settled.payment
        return {
            "what": "payment",
            "fact_id": str(payment.fact_id),
            "delivery_id": _text(payment.delivery_id),
            "source": payment.source,
            "payment_id": payment.payment_id,
            "paid_at": payment.paid_at.isoformat(),
            "paid_at_local": self.calendar.local(payment.paid_at).isoformat(),
            "amount_minor": payment.amount.amount_minor,
            "currency": payment.amount.currency,
            "reference": list(payment.reference),
            "deal_id": str(self.deal.deal_id) if self.deal else None,
            "deal_found_by": self.deal.by if self.deal else None,
            "contract_fact_id": str(self.deal.contract.fact_id) if self.deal and self.deal.contract else None,
        }

    def _credit_input(self) -> dict[str, JsonValue]:
        return {
            "what": "credit",
            "rule": self.credited.rule,
            "employee_id": str(self.credited.employee_id),
            "since": self.credited.since.isoformat(),
            "fact_ids": [str(fact_id) for fact_id in self.credited.fact_ids],
        }

    def _selection_input(self) -> dict[str, JsonValue]:
        if isinstance(self.component.selector, PayingMonthSelector):
            return {
                "what": "paying_month",
                "month": str(self.settled.month),
                "ordinal": self.months.ordinal(self.settled.month),
                "paying_months": [str(month) for month in self.months.months],
            }
        start = self.age.start or self.settled
        return {
            "what": "client_age",
            "client_since": start.payment.paid_at.isoformat(),
            "client_since_local": self.calendar.local(start.payment.paid_at).isoformat(),
            "fact_id": str(start.payment.fact_id),
        }

    def _cap_inputs(self) -> tuple[dict[str, JsonValue], ...]:
        if self.cap_minor is None:
            return ()
        earlier = self.filling.lines[: self.filled_by]
        lines = [
            {"payment_id": payment.payment_id, "fact_id": str(payment.fact_id), "amount_minor": amount_minor}
            for payment, amount_minor in earlier
        ]
        total = sum(amount_minor for _, amount_minor in earlier)
        return ({"what": "earlier_lines", "total_minor": total, "lines": lines},)

    def _selection_changes(self) -> tuple[str, ...]:
        if isinstance(self.component.selector, PayingMonthSelector):
            return ("a payment of the deal in an earlier month, or a month refunded wholly, moves the paying months",)
        return ("an earlier payment of the client, or the whole refund of his first, moves the client's age",)


@dataclass(frozen=True, slots=True)
class RefundReason:
    """What a refund's line was computed from: the payment's line and the refunds of that payment up to this one."""

    line: PaymentReason
    index: int

    def explanation(self) -> Explanation:
        """The derivation of the refund's line."""
        refunds = self.line.settled.refunds[: self.index + 1]
        this = refunds[-1]
        before_minor = refunds[-2].so_far_minor if self.index else 0
        derivation = self.line.derive(tuple(_refund_input(refund) for refund in refunds))
        place = len(derivation.inputs) - 1
        before = f"inputs.{place - 1}.refunded_so_far_minor" if self.index else "0"
        _share(derivation, "so_far", f"inputs.{place}.refunded_so_far_minor", f"{this.so_far_minor} refunded so far")
        _share(derivation, "before", before, f"{before_minor} refunded before")
        derivation.step("taken", "subtract", "steps.so_far", "steps.before", text="this refund takes {result}")
        amount = derivation.step("line_of_refund", "negate", "steps.taken", text="the line: {result}")
        changes = ("another refund of this payment dated earlier", "a change of the payment's own line")
        return self.line.explained(derivation, int(amount), changes)


def _share(derivation: Derivation, name: str, refunded: str, text: str) -> None:
    derivation.step(f"{name}_of_line", "multiply", "steps.line", refunded, text=f"line × {text}: {{result}}")
    derivation.step(
        f"{name}_exact", "divide", f"steps.{name}_of_line", "inputs.0.amount_minor", text="÷ payment: {result}"
    )
    derivation.step(name, "round_half_up", f"steps.{name}_exact", text="rounded half up: {result}")


def _refund_input(settled: SettledRefund) -> dict[str, JsonValue]:
    refund = settled.refund
    return {
        "what": "refund",
        "fact_id": str(refund.fact_id),
        "delivery_id": _text(refund.delivery_id),
        "source": refund.source,
        "refund_id": refund.refund_id,
        "refunded_at": refund.refunded_at.isoformat(),
        "counts_at": settled.counts_at.isoformat(),
        "amount_minor": refund.amount.amount_minor,
        "counted_minor": settled.counted_minor,
        "refunded_so_far_minor": settled.so_far_minor,
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)
