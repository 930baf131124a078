"""The SDR's credit: whoever booked the meeting of the handoff accepted last at or before `paid_at`.

On the client's first deal only; he keeps it when he leaves. Handoffs accepted at one instant: the one whose meeting was
booked later counts. A lead that came back to the base keeps its SDR's claim for as many days (from the day of the
return, half-open) as his plan of that day says: whoever books it anew within them books for him.
"""

from bisect import bisect_right
from datetime import datetime, timedelta
from uuid import UUID

from conveyor.bonuses.engine.credit import Credited, Uncredited, uncredited
from conveyor.bonuses.engine.deals import DealMatch
from conveyor.bonuses.engine.explanation import JsonValue
from conveyor.bonuses.engine.facts import AcceptanceFact, WorkFact
from conveyor.bonuses.engine.lead_view import LeadView
from conveyor.bonuses.engine.plan_book import PlanBook
from conveyor.bonuses.engine.roster import Roster
from conveyor.bonuses.engine.settlement import SettledPayment
from conveyor.bonuses.engine.wording import at


class BookedMeetingCredit:
    """The SDR's rule."""

    def __init__(self, view: LeadView, roster: Roster, book: PlanBook) -> None:
        self._view = view
        self._book = book
        self._returns = _returns(view) if book.protects_credit else []
        self._bookings: dict[UUID, WorkFact] = {}
        for work in view.work:
            if work.kind == "meeting_booked" and work.handoff_id is not None:
                self._bookings.setdefault(work.handoff_id, work)
        handed_over = (fact for fact in view.acceptances if fact.from_stage == "telemarketing")
        to_closing = (fact for fact in handed_over if fact.to_stage == "closing")
        self._accepted = sorted(to_closing, key=lambda fact: self._order(fact, roster))
        self._accepted_at = [fact.occurred_at for fact in self._accepted]

    def _order(self, fact: AcceptanceFact, roster: Roster) -> tuple[datetime, datetime, str, str]:
        booking = self._bookings.get(fact.handoff_id)
        booked_at = booking.occurred_at if booking else fact.occurred_at
        number = roster.payroll_number(booking.employee_id) if booking else ""
        return (fact.occurred_at, booked_at, number, str(fact.handoff_id))

    def __call__(self, settled: SettledPayment, deal: DealMatch | None) -> Credited | Uncredited:
        """Whoever booked the meeting of the handoff accepted last, on the first deal."""
        index = bisect_right(self._accepted_at, settled.payment.paid_at)
        if index == 0:
            return self._not_accepted(settled.payment.paid_at)
        accepted = self._accepted[index - 1]
        booking = self._bookings.get(accepted.handoff_id)
        if booking is None:
            text = "no meeting is known to have been booked for the accepted handoff"
            return uncredited("nobody_booked", text, {"handoff_id": str(accepted.handoff_id)})
        if deal is None:
            return uncredited("no_deal", "the lead has no deal that the payment could belong to")
        if deal.deal_id != self._view.deals.first:
            text = "the payment belongs to a later deal; the share is paid on the client's first deal only"
            details = {"deal_id": str(deal.deal_id), "first_deal_id": str(self._view.deals.first)}
            return uncredited("not_first_deal", text, details)
        fact_ids = (accepted.fact_id, booking.fact_id)
        claim = self._claimant(booking)
        if claim is not booking:
            return Credited(claim.employee_id, "protected_claim", accepted.occurred_at, (*fact_ids, claim.fact_id))
        return Credited(booking.employee_id, "meeting_booked", accepted.occurred_at, fact_ids)

    def earlier(self, settled: SettledPayment, deal: DealMatch | None) -> list[UUID]:  # noqa: ARG002 - the rules have one shape
        """Who booked the meetings of the handoffs accepted up to `paid_at`."""
        accepted = self._accepted[: bisect_right(self._accepted_at, settled.payment.paid_at)]
        bookings = [self._bookings.get(fact.handoff_id) for fact in accepted]
        return [booking.employee_id for booking in bookings if booking is not None]

    def _claimant(self, booking: WorkFact) -> WorkFact:
        """The booking whose SDR keeps the claim on this one: its own, or the one before a return that protects it."""
        before = [item for item in self._returns if item <= booking.occurred_at]
        if not before:
            return booking
        returned = self._view.calendar.day_of(before[-1])
        own = [
            item
            for item in self._bookings.values()
            if item.occurred_at < before[-1] and item.fact_id != booking.fact_id
        ]
        claim = max(own, key=lambda item: (item.occurred_at, str(item.fact_id)), default=None)
        if claim is None or claim.employee_id == booking.employee_id:
            return booking
        document = self._book.version_for(claim.employee_id, returned)
        days = document.credit_protection_days if document else 0
        booked = self._view.calendar.day_of(booking.occurred_at)
        return self._claimant(claim) if booked < returned + timedelta(days=days) else booking

    def _not_accepted(self, paid_at: datetime) -> Uncredited:
        text = f"no handoff to closing had been accepted on {at(paid_at, self._view.calendar)}"
        details: dict[str, JsonValue] = {"at": paid_at.isoformat()}
        if self._accepted:
            details["accepted_at"] = self._accepted[0].occurred_at.isoformat()
            text += f"; the first was accepted on {at(self._accepted[0].occurred_at, self._view.calendar)}"
        return uncredited("handoff_not_accepted", text, details)


def _returns(view: LeadView) -> list[datetime]:
    """When the lead came back to the base: a handoff back was accepted, or an offered one was returned."""
    back = [fact.occurred_at for fact in view.acceptances if fact.to_stage == "telemarketing"]
    return sorted([*back, *(fact.occurred_at for fact in view.withdrawals if fact.kind == "handoff_returned")])
