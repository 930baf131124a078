"""What each role earns by everything heard, recomputed from nothing each time. No line of the product is used here."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction

from tests.bonuses.oracle.arithmetic import last_day, later, month_of, nearest, quarter_of
from tests.bonuses.oracle.line_world import AMS, SDRS, TOUCHES, Heard, Told

Key = tuple[str, str, str]
"""(component, who, cause)"""
Lines = dict[Key, tuple[int, date]]
"""What a line pays in kopecks, and its day."""
Sums = Counter[tuple[str, date, str, str, str]]
"""Kopecks by period, day and line."""


@dataclass(frozen=True)
class Terms:
    """The figures of a department's three plans; sums in kopecks."""

    first: Fraction
    second: Fraction
    new: Fraction
    mature: Fraction
    young_months: int
    retention: int
    threshold: int
    share: Fraction
    cap: int
    meeting: int
    touches: dict[str, int]
    calls_per_day: int


class LineOracle:
    """Lines of a role; those of a period only once it is closed."""

    def __init__(self, heard: Heard, terms: Terms) -> None:
        self.heard = heard
        self.terms = terms
        self.lines: Lines = {}

    def told(self, role: str, *, closed: list[str]) -> Lines:
        for lead in self.heard.leads():
            {"sdr": self._shares, "ae": self._deals, "am": self._clients}[role](lead)
            if role == "am":
                for quarter in {quarter_of(last_day(month)) for month in closed}:
                    if month_of(last_day(quarter)) in closed:
                        self._retention(lead, quarter)
        if role == "sdr":
            self._meetings()
            for month in closed:
                for who in SDRS:
                    self._norm(who, month)
        return self.lines

    def _payment(self, component: str, who: str, payment: Told, line: int) -> None:
        if not line:
            return
        self.lines[component, who, f"payment:bank:{payment.id}"] = (line, payment.at.date())
        taken = 0
        for refund, counts_at, so_far in self.heard.refunds_of(payment):
            all_taken = nearest(Fraction(line * so_far, payment.minor))
            if all_taken != taken:
                self.lines[component, who, f"refund:bank:{refund.id}"] = (taken - all_taken, counts_at.date())
            taken = all_taken

    def _paying(self, lead: str) -> list[str]:
        return sorted({month_of(item.at) for item in self.heard.payments(lead) if not self.heard.gone(item)})

    def _deals(self, lead: str) -> None:
        months = self._paying(lead)
        for payment in self.heard.payments(lead):
            who = self.heard.owner("closing", lead, payment.at)
            if who is None or month_of(payment.at) not in months:
                continue
            if month_of(payment.at) == months[0]:
                self._payment("first_payment", who, payment, nearest(self.terms.first * payment.minor))
            elif month_of(payment.at) == month_of(later(date.fromisoformat(f"{months[0]}-01"), 1)):
                self._payment("second_payment", who, payment, nearest(self.terms.second * payment.minor))

    def _since(self, lead: str) -> datetime | None:
        paid = self.heard.payments(lead)
        return next((item.at for item in paid if not self.heard.gone(item)), paid[0].at if paid else None)

    def _clients(self, lead: str) -> None:
        since = self._since(lead)
        for payment in self.heard.payments(lead):
            who = self.heard.owner("account", lead, payment.at)
            if who is None or since is None:
                continue
            young = payment.at < later(since, self.terms.young_months)
            component, rate = ("new_client", self.terms.new) if young else ("mature_client", self.terms.mature)
            self._payment(component, who, payment, nearest(rate * payment.minor))

    def _retention(self, lead: str, quarter: str) -> None:
        ends = datetime.combine(last_day(quarter) + timedelta(days=1), time.min)
        who, since = self.heard.owner("account", lead, ends - timedelta(microseconds=1)), self._since(lead)
        if who not in AMS or since is None or later(since, self.terms.young_months) >= ends:
            return
        net = 0
        for payment in self.heard.payments(lead):
            net += payment.minor if quarter_of(payment.at) == quarter else 0
            before = 0
            for _, counts_at, so_far in self.heard.refunds_of(payment):
                net -= so_far - before if quarter_of(counts_at) == quarter else 0
                before = so_far
        if net >= self.terms.threshold:
            key = ("quarterly_retention", who, f"quarter:{quarter}/{lead}")
            self.lines[key] = (self.terms.retention, last_day(quarter))

    def _shares(self, lead: str) -> None:
        months, filled = self._paying(lead), 0
        bookings = {item.id: item for item in self.heard.of("booked")}
        for payment in self.heard.payments(lead):
            accepted = [item for item in self.heard.of("accepted_closing", lead=lead) if item.at <= payment.at]
            if not accepted or accepted[0].about not in bookings or month_of(payment.at) not in months[:1]:
                continue
            line = min(nearest(self.terms.share * payment.minor), self.terms.cap - filled)
            filled += line
            self._payment("client_paid", bookings[accepted[0].about].who, payment, line)

    def _meetings(self) -> None:
        for booking in self.heard.of("booked"):
            undone = self.heard.of("cancelled", "missed", "returned")
            if all(item.about != booking.id for item in undone):
                key = ("meeting_booked", booking.who, f"fact:{booking.id}")
                self.lines[key] = (self.terms.meeting, booking.at.date())

    def _norm(self, who: str, month: str) -> None:
        calls = [item for item in self.heard.of("called") if item.who == who and month_of(item.at) == month]
        successful = sum(1 for item in calls if item.minor >= 30)
        first = date.fromisoformat(f"{month}-01")
        days = [first + timedelta(days=number) for number in range(31)]
        working = sum(1 for day in days if month_of(day) == month and day.weekday() < 5)
        reached = min(Fraction(1), Fraction(successful, working * self.terms.calls_per_day))
        done = Counter(item.what for item in self.heard.of(*TOUCHES) if item.who == who and month_of(item.at) == month)
        for kind, count in done.items():
            amount = nearest(count * self.terms.touches[kind] * reached)
            if amount:
                self.lines[kind, who, f"month:{month}"] = (amount, last_day(month))


class NaiveJournal:
    """Entries as (period, day, component, who, cause) sums: what is said otherwise is taken back and posted again."""

    def __init__(self) -> None:
        self.sums: Sums = Counter()
        self._live: Lines = {}

    def settle(self, desired: Lines, *, closed: list[str]) -> None:
        for key in sorted(self._live.keys() | desired.keys()):
            if self._live.get(key) == desired.get(key):
                continue
            for sign, line in ((-1, self._live.pop(key, None)), (1, desired.get(key))):
                if line is not None:
                    self.sums[_period(line[1], closed), line[1], *key] += sign * line[0]
            if key in desired:
                self._live[key] = desired[key]

    def standing(self) -> Sums:
        return Counter({key: amount for key, amount in self.sums.items() if amount})


def _period(day: date, closed: list[str]) -> str:
    month = month_of(day)
    if not closed or month > closed[-1]:
        return month
    return month_of(later(date.fromisoformat(f"{closed[-1]}-01"), 1))
