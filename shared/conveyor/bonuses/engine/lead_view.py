"""One lead's facts, each once and in order, with what is derived from them: settlement, deals, age, paying months."""

from dataclasses import replace
from uuid import UUID

from conveyor.bonuses.engine.client_age import ClientAge
from conveyor.bonuses.engine.deals import LeadDeals
from conveyor.bonuses.engine.facts import AcceptanceFact, DealFact, LeadFacts, MeetingHeldFact, WorkFact, unique
from conveyor.bonuses.engine.ownership import Timeline
from conveyor.bonuses.engine.paying_months import PayingMonths
from conveyor.bonuses.engine.settlement import SettledPayment, settle
from conveyor.bonuses.plans.values import ConfirmingKind
from conveyor.kit.calendar import BusinessCalendar


class LeadView:
    """Derived once per evaluation; everything in it depends on the facts alone, not on their order."""

    def __init__(self, facts: LeadFacts, calendar: BusinessCalendar) -> None:
        self.lead_id = facts.lead_id
        self.calendar = calendar
        self.settlement = settle(payments=facts.payments, refunds=facts.refunds, calendar=calendar)
        self.payments = self.settlement.payments
        deals = unique(facts.deals)
        self.acceptances = _with_their_deals(unique(facts.acceptances), deals)
        self.owner_changes = unique(facts.owner_changes)
        self.work = sorted(unique(facts.work), key=lambda item: (item.occurred_at, item.kind, str(item.fact_id)))
        self.withdrawals = unique(facts.withdrawals)
        self.meetings_held = {fact.meeting_id: fact for fact in unique(facts.meetings_held)}
        self.deals = LeadDeals(deals=deals, contracts=unique(facts.contracts), acceptances=self.acceptances)
        self.age = ClientAge(self.payments)
        self.matched_payments = [(settled, self.deals.of(settled.payment)) for settled in self.payments]
        self._paying_months: dict[UUID | None, PayingMonths] | None = None
        self._deal_owners: dict[UUID, Timeline] = {}
        self._client_owners: Timeline | None = None

    def paying_months(self, deal_id: UUID | None) -> PayingMonths:
        """The paying months of a deal; of None: of payments that belong to no known deal."""
        if self._paying_months is None:
            grouped: dict[UUID | None, list[SettledPayment]] = {}
            for settled, match in self.matched_payments:
                grouped.setdefault(match.deal_id if match else None, []).append(settled)
            self._paying_months = {deal: PayingMonths(payments) for deal, payments in grouped.items()}
        return self._paying_months[deal_id]

    def confirmation(self, kind: ConfirmingKind, work: WorkFact) -> MeetingHeldFact | AcceptanceFact | None:
        """The fact of this kind that confirms a booked meeting: it was held, its handoff was accepted."""
        if kind == "meeting_held":
            return None if work.meeting_id is None else self.meetings_held.get(work.meeting_id)
        accepted = [fact for fact in self.acceptances if fact.handoff_id == work.handoff_id]
        return accepted[0] if accepted and work.handoff_id is not None else None

    def deal_owners(self, deal_id: UUID) -> Timeline:
        """Who owns a deal at closing."""
        if deal_id not in self._deal_owners:
            self._deal_owners[deal_id] = Timeline(
                (fact for fact in self.acceptances if fact.to_stage == "closing" and fact.deal_id == deal_id),
                (change for change in self.owner_changes if change.deal_id == deal_id),
            )
        return self._deal_owners[deal_id]

    @property
    def client_owners(self) -> Timeline:
        """Who owns the client at account."""
        if self._client_owners is None:
            self._client_owners = Timeline(
                (fact for fact in self.acceptances if fact.to_stage == "account"),
                (change for change in self.owner_changes if change.deal_id is None),
            )
        return self._client_owners


def _with_their_deals(acceptances: list[AcceptanceFact], deals: list[DealFact]) -> list[AcceptanceFact]:
    """In order; an acceptance at closing that does not name its deal gets the deal that its handoff opened."""
    deal_of = {deal.handoff_id: deal.deal_id for deal in deals if deal.handoff_id is not None}
    named = [
        replace(fact, deal_id=deal_of[fact.handoff_id])
        if fact.deal_id is None and fact.to_stage == "closing" and fact.handoff_id in deal_of
        else fact
        for fact in acceptances
    ]
    return sorted(named, key=lambda fact: (fact.occurred_at, str(fact.handoff_id)))
