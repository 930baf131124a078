"""The short way: post new payments and refunds of a lead without reading its other payments.

Allowed where the engine could not say anything else about the others: nothing but payments and refunds came, in open
months; the client's beginning and the deal's first paying month stand as they stood; and no plan of the role lets one
payment depend on another in any other way. Everything else goes the whole way. Pure, but for the one that posts.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from conveyor.bonuses.engine.facts import Identity, LeadFacts
from conveyor.bonuses.engine.lead_view import LeadView
from conveyor.bonuses.engine.lines import BonusRole, Line
from conveyor.bonuses.engine.paying_months import PayingMonths
from conveyor.bonuses.engine.settlement import SettledPayment
from conveyor.bonuses.facts.neighbours import Fresh, Neighbourhood, neighbourhoods
from conveyor.bonuses.ledger.append import append
from conveyor.bonuses.ledger.evaluation import lead_evaluation
from conveyor.bonuses.ledger.queries import posted_of_causes
from conveyor.bonuses.ledger.rules import differences
from conveyor.bonuses.plans.documents import PayingMonthSelector, PercentOfPayment, PlanDocument
from conveyor.bonuses.plans.terms import Terms, people_in, published_versions, terms_for
from conveyor.kit.calendar import Month
from conveyor.kit.database import Transaction
from conveyor.roster.queries import current_calendar

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
    """How far a payment of a role may reach: whether months matter, and whether caps are filled in them."""

    by_month: bool
    capped: bool


def reach_of(versions: Iterable[PlanDocument]) -> Reach | None:
    """None when some version lets payments depend on each other in a way that the short way does not know."""
    percentages: list[PercentOfPayment] = []
    for version in versions:
        if not _is_plain(version):
            return None
        percentages += version.percent_of_payment
    return Reach(
        by_month=any(isinstance(part.selector, PayingMonthSelector) for part in percentages),
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


async def post_payments(
    tx: Transaction, fresh: Mapping[UUID, Fresh], *, role: BonusRole, closed_through: Month | None
) -> set[UUID]:
    """Post the differences of these leads as far as the short way goes; the caller holds the journal's lock.

    Returns the leads that must go the whole way.
    """
    reach = reach_of(await published_versions(tx.session, role=role)) if fresh else None
    if reach is None:
        return set(fresh)
    zone = (await current_calendar(tx.session)).calendar.zone.key
    read = await neighbourhoods(tx.session, fresh, zone=zone, every_month=reach.by_month)
    terms = await terms_for(tx.session, role=role, employee_ids=people_in(each.after for each in read.values()))
    desired: list[Line] = []
    touched: dict[UUID, frozenset[str]] = {}
    for lead_id, near in read.items():
        causes = touched_causes(near, terms, reach=reach, closed_through=closed_through)
        if causes is not None:
            touched[lead_id] = causes
            desired += [line for line in lead_evaluation(terms, near.after).lines if line.cause in causes]
    posted = await posted_of_causes(tx.session, touched, frozenset().union(*touched.values()))
    await append(tx, differences(desired=desired, posted=posted), role=role, closed_through=closed_through)
    return fresh.keys() - touched.keys()


def touched_causes(
    near: Neighbourhood, terms: Terms, *, reach: Reach, closed_through: Month | None
) -> frozenset[str] | None:
    """The causes whose lines the news may have changed; None when that cannot be said without all payments."""
    closed_matters = bool(terms.period_lengths) and closed_through is not None
    if near.complete and not closed_matters:
        return _causes_in(near.after)
    before, after = LeadView(near.before, terms.calendar), LeadView(near.after, terms.calendar)
    news = [settled for settled in after.payments if _is_news(settled, near.fresh)]
    begins_as_before = not before.payments or _beginning(before) == _beginning(after)
    if terms.period_lengths and closed_through is not None:
        instants = [at for settled in news for at in _instants(settled)]
        if not begins_as_before or any(terms.calendar.month_of(at) <= closed_through for at in instants):
            return None
    if near.complete:
        return _causes_in(near.after)
    if not begins_as_before or (reach.by_month and not _months_stand(near, before, after, news, reach)):
        return None
    # A month that begins or ceases to be a paying one holds none but these and refunded ones, which were all read.
    months = {settled.month for settled in news}
    return _causes([*news, *(settled for settled in after.payments if settled.refunds and settled.month in months)])


def _months_stand(
    near: Neighbourhood, before: LeadView, after: LeadView, news: Iterable[SettledPayment], reach: Reach
) -> bool:
    if len(_deals_of(near.after)) > 1:
        # Which deal a payment that was not read belongs to is not known.
        return False
    first = PayingMonths(after.payments).months[0]
    if first != PayingMonths(before.payments).months[0]:
        return False
    return not (reach.capped and any(settled.month <= first.plus(1) for settled in news))


def _deals_of(facts: LeadFacts) -> set[UUID]:
    named = (item.deal_id for part in (facts.deals, facts.contracts, facts.acceptances) for item in part)
    return {deal_id for deal_id in named if deal_id is not None}


def _is_news(settled: SettledPayment, fresh: Fresh) -> bool:
    payment = settled.payment
    return f"{payment.source}/{payment.payment_id}" in fresh.payments or any(
        f"{item.refund.source}/{item.refund.refund_id}" in fresh.refunds for item in settled.refunds
    )


def _instants(settled: SettledPayment) -> Iterator[datetime]:
    yield settled.payment.paid_at
    yield from (item.counts_at for item in settled.refunds)


def _beginning(view: LeadView) -> Identity | None:
    return view.age.start.payment.identity if view.age.start else None


def _causes_in(facts: LeadFacts) -> frozenset[str]:
    paid = (f"payment:{fact.source}:{fact.payment_id}" for fact in facts.payments)
    return frozenset(paid).union(f"refund:{fact.source}:{fact.refund_id}" for fact in facts.refunds)


def _causes(payments: Iterable[SettledPayment]) -> frozenset[str]:
    causes: set[str] = set()
    for settled in payments:
        causes.add(f"payment:{settled.payment.source}:{settled.payment.payment_id}")
        causes.update(f"refund:{item.refund.source}:{item.refund.refund_id}" for item in settled.refunds)
    return frozenset(causes)
