"""What is suspicious in a plan version before it pays anybody. Pure.

An error keeps it from being published; a warning has to be acknowledged by whoever approves it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from conveyor.bonuses.plans.components import KpiGate, PercentOfPayment, PerFact, PeriodBonus
from conveyor.bonuses.plans.documents import PayingMonthSelector, PlanDocument
from conveyor.bonuses.plans.lint_tiers import tier_findings

PAYMENT_SHARE_MAX = Fraction(30, 100)
"""All percentages that one payment can earn in one role together; above it somebody has to take note."""

_KIND_OF_FACT = {
    "letter_general": "touch_recorded",
    "gatekeeper_passed": "touch_recorded",
    "need_identified": "touch_recorded",
    "letter_decision_maker": "touch_recorded",
    "call": "call_recorded",
    "contract_signed": "contract_signed",
}
"""Which published fact stands behind a plan's word, where the words differ; all others are published by their name."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`pointer` is a JSON pointer into the document."""

    level: Literal["error", "warning"]
    code: str
    pointer: str
    text: str


def lint(document: PlanDocument, *, published: Collection[str]) -> list[Finding]:
    """Everything suspicious; `published` are the names of the facts that some service may say."""
    found: list[Finding] = []
    for index, component in enumerate(document.components):
        pointer = f"/components/{index}"
        table = None if isinstance(component, PerFact | KpiGate) else component.tiers
        if table is not None:
            found += [Finding(*item) for item in tier_findings(table, f"{pointer}/tiers")]
        found += [
            Finding("error", "fact_not_published", pointer, f"nobody publishes {kind}: {component.code} never pays")
            for kind in sorted(_facts_of(component) - set(published))
        ]
    found += _unreachable(document)
    found += _gates(document)
    found += _shares(document)
    return found


def _facts_of(component: PerFact | PercentOfPayment | PeriodBonus | KpiGate) -> set[str]:
    words: set[str] = set()
    if isinstance(component, PerFact):
        words = {component.fact, *component.confirmed_by}
    elif isinstance(component, PeriodBonus):
        words = {component.fact or "payment_received", *component.confirmed_by}
    elif isinstance(component, KpiGate):
        words = {component.fact}
    else:
        words = {"payment_received"}
        if component.holdback is not None and component.holdback.contract_signed:
            words.add("contract_signed")
    return {_KIND_OF_FACT.get(word, word) for word in words}


def _unreachable(document: PlanDocument) -> Iterator[Finding]:
    named = {None if isinstance(item, KpiGate) else item.gated_by for item in document.components}
    for index, component in enumerate(document.components):
        pointer = f"/components/{index}"
        if isinstance(component, KpiGate) and component.code not in named:
            yield Finding("warning", "unreachable", pointer, f"no component names the gate {component.code}")
        fact = component.fact if isinstance(component, PerFact | PeriodBonus) else None
        if fact is not None and document.role != "sdr":
            text = f"{fact} is recorded for the sdr who did it; {component.code} never pays an {document.role}"
            yield Finding("error", "unreachable", pointer, text)
        if isinstance(component, PerFact) and component.at_most is not None and not component.times_ordinal:
            yield Finding(
                "warning", "unreachable", f"{pointer}/at_most", "at_most bounds nothing without times_ordinal"
            )
        if isinstance(component, PercentOfPayment) and component.split and _only_credited(component):
            yield Finding("warning", "unreachable", f"{pointer}/split", "the split names only who is credited anyway")
    if document.credit_protection_days and document.role != "sdr":
        text = "only an sdr's claim on a lead is protected"
        yield Finding("warning", "unreachable", "/credit_protection_days", text)
    for index, (earlier, later) in enumerate(pairwise(document.ramp)):
        if later.from_months < earlier.until_months:
            text = f"two steps of the ramp hold in month {later.from_months}; the one that begins later counts"
            yield Finding("warning", "ramp_overlap", f"/ramp/{index + 1}", text)


def _only_credited(component: PercentOfPayment) -> bool:
    return all(part.who == "credited" for part in component.split)


def _gates(document: PlanDocument) -> Iterator[Finding]:
    for index, component in enumerate(document.components):
        if not isinstance(component, KpiGate):
            continue
        steps = sorted(component.steps, key=lambda step: step.from_percent)
        for below, above in pairwise(steps):
            if above.from_percent == below.from_percent:
                text = f"two steps begin at {above.from_percent} %; the higher one counts"
                yield Finding("error", "tier_overlap", f"/components/{index}/steps", text)
            elif above.pays_percent < below.pays_percent:
                text = (
                    f"a call more at {above.from_percent} % pays {above.pays_percent} instead of {below.pays_percent} %"
                )
                yield Finding("warning", "cliff", f"/components/{index}/steps", text)


def _shares(document: PlanDocument) -> Iterator[Finding]:
    """The most that one payment can earn in this role, over paying months and client ages."""
    percentages = document.percent_of_payment
    worst = Fraction(0)
    for month in ("first", "second", "any"):
        for age in sorted({0, *(_from_months(item) for item in percentages)}):
            together = sum((_rate_max(item) for item in percentages if _selects(item, month, age)), Fraction(0))
            worst = max(worst, together)
    if worst > 1:
        yield Finding("error", "above_share", "/components", f"one payment can earn {_percent(worst)} of itself")
    elif worst > PAYMENT_SHARE_MAX:
        text = f"one payment can earn {_percent(worst)}; the share set for a role is {_percent(PAYMENT_SHARE_MAX)}"
        yield Finding("warning", "above_share", "/components", text)


def _from_months(component: PercentOfPayment) -> int:
    selector = component.selector
    return 0 if isinstance(selector, PayingMonthSelector) else selector.from_months


def _selects(component: PercentOfPayment, month: str, age: int) -> bool:
    selector = component.selector
    if isinstance(selector, PayingMonthSelector):
        return selector.which in {month, "any"}
    return selector.from_months <= age and (selector.until_months is None or age < selector.until_months)


def _rate_max(component: PercentOfPayment) -> Fraction:
    if component.tiers is None:
        return component.exact_rate
    return max(tier.exact_rate for tier in component.tiers.tiers)


def _percent(share: Fraction) -> str:
    whole, rest = divmod(share.numerator * 10_000 // share.denominator, 100)
    return f"{whole}.{rest:02d} %"
