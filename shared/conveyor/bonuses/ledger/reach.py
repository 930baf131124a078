"""How far one payment reaches under the published plans of a role: what the short way may leave unread. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from conveyor.bonuses.plans.documents import PayingMonthSelector, PercentOfPayment, PlanDocument

# What a component may say for its lines to depend on one payment, its refunds, the client's beginning and the deal's
# paying months alone. A field that is not here and not at its default sends every lead of the role the whole way.
# So do tiers on a running sum, limits of a period, gates over money, splits, held parts, decaying refunds,
# confirmations, bonuses per employee and chain, ramps, protected claims: some other payment, fact or day decides.
_OWN_PAYMENT_ONLY: Mapping[str, frozenset[str]] = {
    "per_fact": frozenset({"code", "fact", "amount", "gated_by", "withdrawn_by"}),
    "percent_of_payment": frozenset({"code", "rate", "selector", "cap_per_client"}),
    "period_bonus": frozenset({"code", "period", "client_older_than_months", "threshold", "amount"}),
    "kpi_gate": frozenset({"code", "min_seconds", "norm_per_working_day"}),
}
_PLAIN_DOCUMENT = frozenset({"code", "role", "version", "effective_from", "components"})


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a payment of a role may reach.

    `by_month`: paying months matter; `any_month`: to payments of all of them, else of the first two alone; `capped`:
    caps are filled in the first two.
    """

    by_month: bool
    any_month: bool
    capped: bool


def reach_of(versions: Iterable[PlanDocument]) -> Reach | None:
    """None when some version lets payments depend on each other in a way that the short way does not know."""
    percentages: list[PercentOfPayment] = []
    for version in versions:
        if not _is_plain(version):
            return None
        percentages += version.percent_of_payment
    months = {part.selector.which for part in percentages if isinstance(part.selector, PayingMonthSelector)}
    return Reach(
        by_month=bool(months),
        any_month="any" in months,
        capped=any(part.cap_per_client is not None for part in percentages),
    )


@cache
def _is_plain(version: PlanDocument) -> bool:
    if not version.model_dump(exclude_defaults=True).keys() <= _PLAIN_DOCUMENT:
        return False
    for component in version.components:
        said = component.model_dump(exclude_defaults=True).keys() - {"kind"}
        if not said <= _OWN_PAYMENT_ONLY.get(component.kind, frozenset()):
            return False
        if isinstance(component, PercentOfPayment) and component.cap_per_client is not None:
            selector = component.selector
            # Only what is paid in two months at most can be known not to fill the cap.
            if not isinstance(selector, PayingMonthSelector) or selector.which == "any":
                return False
    return True
