"""Whom a payment credits in each role.

AE: the owner of its deal at `paid_at`. AM: the owner of the client at `paid_at`. SDR: whoever booked the meeting of the
telemarketing → closing handoff accepted last at or before `paid_at`, on the client's first deal only; he keeps this
credit when he leaves (`sdr_credit.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from conveyor.bonuses.engine.deals import DealMatch
from conveyor.bonuses.engine.explanation import JsonValue
from conveyor.bonuses.engine.lead_view import LeadView
from conveyor.bonuses.engine.lines import ReasonCode, Said, Why
from conveyor.bonuses.engine.ownership import OwnerAt, Timeline
from conveyor.bonuses.engine.roster import Roster
from conveyor.bonuses.engine.settlement import SettledPayment
from conveyor.bonuses.engine.wording import at
from conveyor.kit.calendar import BusinessCalendar


@dataclass(frozen=True, slots=True)
class Credited:
    """The employee credited, by which rule, since when, and the facts that say so."""

    employee_id: UUID
    rule: Literal["meeting_booked", "deal_owner", "client_owner", "protected_claim", "split"]
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

    def earlier(self, settled: SettledPayment, deal: DealMatch | None) -> list[UUID]:
        """Everybody who had the credit up to this payment, oldest first."""
        ...


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

    def earlier(self, settled: SettledPayment, deal: DealMatch | None) -> list[UUID]:
        """Owners of the deal up to `paid_at`."""
        if deal is None:
            return []
        named = self._view.deal_owners(deal.deal_id).named_until(settled.payment.paid_at)
        return [owner.employee_id for owner in named]


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

    def earlier(self, settled: SettledPayment, deal: DealMatch | None) -> list[UUID]:  # noqa: ARG002 - as above
        """Owners of the client up to `paid_at`."""
        named = self._view.client_owners.named_until(settled.payment.paid_at)
        return [owner.employee_id for owner in named]


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
