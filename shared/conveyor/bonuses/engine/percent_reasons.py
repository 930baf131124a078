"""Why a percentage of a payment, or what a refund takes back of it, is what it is. Built only when asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from conveyor.bonuses.engine.cap_filling import CapFilling
from conveyor.bonuses.engine.client_age import ClientAge
from conveyor.bonuses.engine.credit import Credited
from conveyor.bonuses.engine.deals import DealMatch
from conveyor.bonuses.engine.explanation import Derivation, Explanation, JsonValue
from conveyor.bonuses.engine.holdback import Release
from conveyor.bonuses.engine.lines import BonusRole, Timing
from conveyor.bonuses.engine.paying_months import PayingMonths
from conveyor.bonuses.engine.pool_share import PoolShare
from conveyor.bonuses.engine.settlement import SettledPayment
from conveyor.bonuses.engine.shares import Share, derive_share
from conveyor.bonuses.plans.documents import PayingMonthSelector, PercentOfPayment, PlanDocument
from conveyor.bonuses.plans.modifiers import RampStep
from conveyor.contracts.values import IMPERSONAL_SYSTEMS
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
    ramp: RampStep | None = None
    shares: tuple[Share, ...] = ()
    released: Release | None = None
    pool: PoolShare | None = None

    @property
    def cause_prefix(self) -> str:
        """What stands before the cause: a held part and a line of a person's period have causes of their own."""
        if self.pool is not None:
            return f"in:{self.pool.period}/"
        return "held:" if self.released is not None else ""

    @property
    def timing(self) -> Timing:
        """When the ledger takes the line."""
        return "at_once" if self.pool is None else "at_close"

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
        shares = tuple(share.as_input() for share in self.shares)
        pooled = () if self.pool is None else self.pool.inputs
        derivation = Derivation(
            terms=self._terms(), inputs=(*inputs, *shares, *pooled, *self._release_inputs(), *more_inputs)
        )
        if self.pool is not None:
            self.pool.derive(derivation, place=len(inputs))
            return derivation
        self._derive_gross(derivation)
        last = "line"
        for index in range(len(self.shares)):
            derive_share(derivation, f"share_{index}", len(inputs) + index, last)
            last = f"share_{index}"
        return derivation

    @property
    def last_step(self) -> str:
        """The step that is the payment's line."""
        return f"steps.share_{len(self.shares) - 1}" if self.shares else "steps.line"

    def _derive_gross(self, derivation: Derivation) -> None:
        payment = self.settled.payment
        base = "inputs.0.amount_minor"
        if self.component.base == "net_of_vat" and payment.vat is not None:
            text = "without its VAT: {result} in minor units"
            derivation.step("base", "subtract", base, "inputs.0.vat_minor", text=text)
            base = "steps.base"
        currency = payment.amount.currency
        said = f"{self.component.rate} of {payment.amount.text} {currency} is {{result}} in minor units"
        derivation.step("gross", "multiply", base, "terms.rate", text=said)
        exact = "steps.gross"
        if self.ramp is not None:
            factor = str(Fraction(self.ramp.pays_percent, 100))
            text = f"a newcomer is paid {self.ramp.pays_percent} %: {{result}}"
            derivation.step("ramped", "multiply", exact, factor, text=text)
            exact = "steps.ramped"
        derivation.step("rounded", "round_half_up", exact, text="rounded half up to the minor unit: {result}")
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

    def _release_inputs(self) -> tuple[dict[str, JsonValue], ...]:
        if self.released is None:
            return ()
        fact_id = _text(self.released.fact_id)
        return ({"what": "release", "on": self.released.on.isoformat(), "fact_id": fact_id, "why": self.released.why},)

    def _terms(self) -> dict[str, JsonValue]:
        component = self.component
        terms: dict[str, JsonValue] = {
            "rate": component.rate,
            "base": component.base,
            "selector": component.selector.model_dump(mode="json"),
            "rounding": "half up, once per line",
        }
        for name in ("tiers", "limits", "clawback", "holdback"):
            value = getattr(component, name)
            if value is not None:
                terms[name] = value.model_dump(mode="json")
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
            **({"vat_minor": payment.vat.amount_minor} if payment.vat is not None else {}),
            "currency": payment.amount.currency,
            "reference": self._reference(),
            "deal_id": str(self.deal.deal_id) if self.deal else None,
            "deal_found_by": self.deal.by if self.deal else None,
            "contract_fact_id": str(self.deal.contract.fact_id) if self.deal and self.deal.contract else None,
        }

    def _reference(self) -> list[JsonValue]:
        """The name under which the money came; of one that leads to a person its system: the ledger never forgets."""
        system, value = self.settled.payment.reference
        return [system, value if system in IMPERSONAL_SYSTEMS else None]

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


def _text(value: object) -> str | None:
    return None if value is None else str(value)
