"""Why a refund takes back what it does. Built only when asked."""

from dataclasses import dataclass
from fractions import Fraction

from conveyor.bonuses.engine.clawback import clawback_factor
from conveyor.bonuses.engine.explanation import Derivation, Explanation, JsonValue
from conveyor.bonuses.engine.percent_reasons import PaymentReason
from conveyor.bonuses.engine.settlement import SettledRefund


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
        line = self.line.last_step
        if self.line.component.clawback is None:
            so_far = f"inputs.{place}.refunded_so_far_minor"
        else:
            first = place - self.index
            factors = [self._factor(refund) for refund in refunds]
            so_far, before = _weighted(derivation, first, factors)
        _share(derivation, "so_far", so_far, f"{this.so_far_minor} refunded so far", line)
        _share(derivation, "before", before, f"{before_minor} refunded before", line)
        derivation.step("taken", "subtract", "steps.so_far", "steps.before", text="this refund takes {result}")
        amount = derivation.step("line_of_refund", "negate", "steps.taken", text="the line: {result}")
        changes = ("another refund of this payment dated earlier", "a change of the payment's own line")
        return self.line.explained(derivation, int(amount), changes)

    def _factor(self, refund: SettledRefund) -> Fraction:
        refunded_on = self.line.calendar.day_of(refund.counts_at)
        clawback = self.line.component.clawback
        return clawback_factor(clawback, paid_on=self.line.settled.day, refunded_on=refunded_on)


def _weighted(derivation: Derivation, first: int, factors: list[Fraction]) -> tuple[str, str]:
    """Steps that weigh each refund by the clawback window; returns what was weighed with the last and before it."""
    so_far, before = "0", "0"
    for index, factor in enumerate(factors):
        name = f"weighted_{index}"
        text = f"of refund {index + 1} the window takes back {factor}: {{result}}"
        derivation.step(name, "multiply", f"inputs.{first + index}.counted_minor", str(factor), text=text)
        before = so_far
        derivation.step(f"{name}_so_far", "add", before, f"steps.{name}", text="together so far: {result}")
        so_far = f"steps.{name}_so_far"
    return so_far, before


def _share(derivation: Derivation, name: str, refunded: str, text: str, line: str) -> None:
    derivation.step(f"{name}_of_line", "multiply", line, refunded, text=f"line × {text}: {{result}}")
    derivation.step(
        f"{name}_exact", "divide", f"steps.{name}_of_line", "inputs.0.amount_minor", text="÷ payment: {result}"
    )
    derivation.step(name, "round_half_up", f"steps.{name}_exact", text="rounded half up: {result}")


def _refund_input(settled: SettledRefund) -> dict[str, JsonValue]:
    refund = settled.refund
    return {
        "what": "refund",
        "fact_id": str(refund.fact_id),
        "delivery_id": str(refund.delivery_id) if refund.delivery_id else None,
        "source": refund.source,
        "refund_id": refund.refund_id,
        "refunded_at": refund.refunded_at.isoformat(),
        "counts_at": settled.counts_at.isoformat(),
        "amount_minor": refund.amount.amount_minor,
        "counted_minor": settled.counted_minor,
        "refunded_so_far_minor": settled.so_far_minor,
    }
