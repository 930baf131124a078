"""Whom a payment credits in each role.

AE: the owner of its deal at `paid_at`. AM: the owner of the client at `paid_at`. SDR: whoever booked the meeting of the
telemarketing → closing handoff accepted last at or before `paid_at`, on the client's first deal only; he keeps this
credit when he leaves. Handoffs accepted at one instant: the one whose meeting was booked later counts.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from conveyor.bonuses.engine.deals import DealMatch
from conveyor.bonuses.engine.explanation import JsonValue
from conveyor.bonuses.engine.facts import AcceptanceFact, WorkFact
from conveyor.bonuses.engine.lead_view import LeadView
from conveyor.bonuses.engine.lines import BonusRole, ReasonCode, Said, Why
from conveyor.bonuses.engine.ownership import OwnerAt, Timeline
from conveyor.bonuses.engine.roster import Roster
from conveyor.bonuses.engine.settlement import SettledPayment
from conveyor.bonuses.engine.wording import at
from conveyor.kit.calendar import BusinessCalendar


@dataclass(frozen=True, slots=True)
class Credited:
    """The employee credited, by which rule, since when, and the facts that say so."""

    employee_id: UUID
    rule: Literal["meeting_booked", "deal_owner", "client_owner"]
    since: datetime
    fact_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Uncredited:
    """Nobody is credited, and why."""

    code: ReasonCode
    why: Why


def uncredited(code: ReasonCode, text: str, details: Mapping[str, JsonValue] | None = None) -> Uncredited:
    """Nobody is credited, in words at hand."""
    return Uncredited(code, Said(text, details or {}))


class CreditRule(Protocol):
    """The rule of one role."""

    def __call__(self, settled: SettledPayment, deal: DealMatch | None) -> Credited | Uncredited:
        """Whom this payment of this deal credits."""
        ...


def credit_rule(role: BonusRole, *, view: LeadView, roster: Roster) -> CreditRule:
    """The rule of a role for one lead."""
    match role:
        case "sdr":
            return BookedMeetingCredit(view, roster)
        case "ae":
            return DealOwnerCredit(view, roster)
        case "am":
            return ClientOwnerCredit(view, roster)


class DealOwnerCredit:
    """The AE's rule."""

    def __init__(self, view: LeadView, roster: Roster) -> None:
        self._view = view
        self._roster = roster

    def __call__(self, settled: SettledPayment, deal: DealMatch | None) -> Credited | Uncredited:
        """The owner of the deal at `paid_at`."""
        if deal is None:
            return uncredited("no_deal", "the lead has no deal that the payment could belong to")
        timeline = self._view.deal_owners(deal.deal_id)
        instant = settled.payment.paid_at
        return owner_credit(timeline, instant, rule="deal_owner", view=self._view, roster=self._roster)


class ClientOwnerCredit:
    """The AM's rule."""

    def __init__(self, view: LeadView, roster: Roster) -> None:
        self._view = view
        self._roster = roster

    def __call__(self, settled: SettledPayment, deal: DealMatch | None) -> Credited | Uncredited:  # noqa: ARG002 - the rules of the roles have one shape; the client's owner is credited whatever the deal
        """The owner of the client at `paid_at`."""
        timeline = self._view.client_owners
        instant = settled.payment.paid_at
        return owner_credit(timeline, instant, rule="client_owner", view=self._view, roster=self._roster)


def owner_credit(
    timeline: Timeline,
    instant: datetime,
    *,
    rule: Literal["deal_owner", "client_owner"],
    view: LeadView,
    roster: Roster,
) -> Credited | Uncredited:
    """The owner by a timeline at an instant, or why there is none."""
    found = timeline.owner_at(instant, roster=roster, calendar=view.calendar)
    if found.owner_id is not None and found.named is not None:
        return Credited(found.owner_id, rule, found.named.from_at, (found.named.fact_id,))
    return Uncredited("no_owner", NoOwner(timeline, instant, found, rule, view.calendar))


@dataclass(frozen=True, slots=True)
class NoOwner:
    """Nobody owned the deal or the client at an instant."""

    timeline: Timeline
    instant: datetime
    found: OwnerAt
    rule: Literal["deal_owner", "client_owner"]
    calendar: BusinessCalendar

    @property
    def text(self) -> str:
        """Nobody owned it then; who had left; when the next ownership begins."""
        what = "the deal at closing" if self.rule == "deal_owner" else "the client at account"
        text = f"nobody owned {what} on {at(self.instant, self.calendar)}"
        if self.found.named is not None:
            text += ": the owner had left and nobody took over"
        following = self.timeline.next_start(self.instant)
        return text if following is None else f"{text}; ownership begins {at(following, self.calendar)}"

    @property
    def details(self) -> dict[str, JsonValue]:
        """The instant, who had left, when the next ownership begins."""
        following = self.timeline.next_start(self.instant)
        named = self.found.named
        return {
            "at": self.instant.isoformat(),
            "left_employee_id": str(named.employee_id) if named else None,
            "ownership_begins": following.isoformat() if following else None,
        }


class BookedMeetingCredit:
    """The SDR's rule."""

    def __init__(self, view: LeadView, roster: Roster) -> None:
        self._view = view
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
        return Credited(booking.employee_id, "meeting_booked", accepted.occurred_at, fact_ids)

    def _not_accepted(self, paid_at: datetime) -> Uncredited:
        text = f"no handoff to closing had been accepted on {at(paid_at, self._view.calendar)}"
        details: dict[str, JsonValue] = {"at": paid_at.isoformat()}
        if self._accepted:
            details["accepted_at"] = self._accepted[0].occurred_at.isoformat()
            text += f"; the first was accepted on {at(self._accepted[0].occurred_at, self._view.calendar)}"
        return uncredited("handoff_not_accepted", text, details)
