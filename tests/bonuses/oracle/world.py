"""What happened, as plain records in local time; the oracle and the product are both told from here."""

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass
class Payment:
    id: str
    lead: str
    at: datetime
    minor: int
    vat: int | None = None


@dataclass
class Refund:
    id: str
    payment: str
    at: datetime
    minor: int


@dataclass
class Meeting:
    id: str
    who: str
    lead: str
    booked_at: datetime
    held_at: datetime | None = None
    missed_at: datetime | None = None


@dataclass
class World:
    """`owners` of a lead: (from, who) in order of their revision, the first one is the acceptance."""

    owners: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict)
    payments: list[Payment] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    meetings: list[Meeting] = field(default_factory=list)
    calls: dict[tuple[str, str], int] = field(default_factory=dict)
    quotas: dict[tuple[str, str], int] = field(default_factory=dict)
    hired: dict[str, date] = field(default_factory=dict)

    def owner(self, lead: str, at: datetime) -> str | None:
        """Asked from scratch each time."""
        named = self.owners_until(lead, at)
        return named[-1] if named else None

    def owners_until(self, lead: str, at: datetime) -> list[str]:
        """Nobody owns before the acceptance; of two at once the one dated later counts, then the one revised later."""
        first = self.owners[lead][0][0]
        begun = [
            (max(when, first), number > 0, when, number, who)
            for number, (when, who) in enumerate(self.owners[lead])
            if max(when, first) <= at
        ]
        return [item[-1] for item in sorted(begun)]

    def refunds_of(self, payment: Payment) -> list[tuple[Refund, datetime, int, int]]:
        """(refund, when it counts, what of it counts, counted so far) in order."""
        found, so_far = [], 0
        for refund in sorted((item for item in self.refunds if item.payment == payment.id), key=lambda r: (r.at, r.id)):
            counted = min(refund.minor, payment.minor - so_far)
            so_far += counted
            found.append((refund, max(refund.at, payment.at), counted, so_far))
        return found

    def gone(self, payment: Payment) -> bool:
        return sum(item[2] for item in self.refunds_of(payment)) == payment.minor
