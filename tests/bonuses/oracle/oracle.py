"""Recomputes everything from everything: slow, naive, and without a line of the product's code."""

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.bonuses.oracle.arithmetic import (
    last_day,
    later,
    minor,
    month_of,
    nearest,
    paid_by_tiers,
    parts_of,
    quarter_of,
    sums_by_tiers,
)
from tests.bonuses.oracle.world import Payment, World

Key = tuple[str, str, str, str]
PEOPLE = ("Boris", "Clara")


class Oracle:
    """The lines of an AE plan: {(component, who, cause, day): kopecks}."""

    def __init__(self, world: World, plan: dict[str, Any], *, periods: list[str]) -> None:
        self.world = world
        self.plan = plan
        self.periods = periods
        self.lines: Counter[Key] = Counter()

    def told(self) -> dict[Key, int]:
        for component in self.plan["components"]:
            if component["kind"] == "percent_of_payment" and component["limits"] is None:
                self._at_once(component)
            elif component["kind"] == "percent_of_payment":
                for period in self._periods(component["limits"]["period"]):
                    for who in PEOPLE:
                        self._pooled(component, who, period)
            elif component["kind"] == "period_bonus":
                for period in self._periods(component["period"]):
                    for who in PEOPLE:
                        self._bonus(component, who, period)
        return {key: amount for key, amount in self.lines.items() if amount}

    def _periods(self, kind: str) -> list[str]:
        return [period for period in self.periods if ("Q" in period) == (kind == "quarter")]

    def _selects(self, component: dict[str, Any], payment: Payment) -> bool:
        selector = component["selector"]
        paid = sorted((item for item in self.world.payments if item.lead == payment.lead), key=lambda p: (p.at, p.id))
        if selector["by"] == "client_age":
            start = next((item for item in paid if not self.world.gone(item)), paid[0])
            until = selector["until_months"]
            young = until is None or payment.at < later(start.at, until)
            old = selector["from_months"] == 0 or payment.at >= later(start.at, selector["from_months"])
            return bool(young and old)
        months = sorted({month_of(item.at) for item in paid if not self.world.gone(item)})
        mine = month_of(payment.at)
        if mine not in months:
            return False
        if selector["which"] == "any":
            return True
        following = month_of(later(date.fromisoformat(f"{months[0]}-01"), 1))
        wanted: str = months[0] if selector["which"] == "first" else following
        return mine == wanted

    def _base(self, component: dict[str, Any], payment: Payment) -> int:
        if component["base"] == "gross" or payment.vat is None:
            return payment.minor
        return max(0, payment.minor - payment.vat)

    def _ramp(self, who: str, day: date) -> tuple[Fraction, Fraction]:
        for step in self.plan["ramp"]:
            hired = self.world.hired[who]
            begins, ends = (later(hired, step[name]) for name in ("from_months", "until_months"))
            if begins <= day < ends:
                return Fraction(step["pays_percent"], 100), Fraction(step["quota_percent"], 100)
        return Fraction(1), Fraction(1)

    def _at_once(self, component: dict[str, Any]) -> None:
        filled: Counter[str] = Counter()
        for payment in sorted(self.world.payments, key=lambda p: (p.at, p.id)):
            who = self.world.owner(payment.lead, payment.at)
            if who is None or not self._selects(component, payment):
                continue
            pays, _ = self._ramp(who, payment.at.date())
            line = nearest(Fraction(component["rate"]) * self._base(component, payment) * pays)
            if component["cap_per_client"] is not None:
                line = min(line, max(0, minor(component["cap_per_client"]) - filled[payment.lead]))
            filled[payment.lead] += line
            for person, part in self._split(component, payment, who, line):
                self._hold(component, payment, person, part)

    def _split(self, component: dict[str, Any], payment: Payment, who: str, line: int) -> list[tuple[str, int]]:
        named = self.world.owners_until(payment.lead, payment.at)
        others = [item for item in named if item != who]
        weights: dict[str, int] = {}
        for part in component["split"]:
            person = {"credited": who, "first": named[0], "previous": others[-1] if others else None}[part["who"]]
            if person is not None:
                weights[person] = weights.get(person, 0) + part["weight"]
        if not weights:
            return [(who, line)]
        return list(zip(weights, parts_of(line, list(weights.values())), strict=True))

    def _hold(self, component: dict[str, Any], payment: Payment, who: str, line: int) -> None:
        holdback = component["holdback"]
        day = payment.at.date()
        if holdback is None:
            self._line(component, payment, who, line, prefix="", day=day)
            return
        now, held = parts_of(line, [100 - holdback["percent"], holdback["percent"]])
        self._line(component, payment, who, now, prefix="", day=day)
        if holdback["days"] is not None:
            self._line(component, payment, who, held, prefix="held:", day=day + timedelta(days=holdback["days"]))
            return
        mine = sorted((item for item in self.world.payments if item.lead == payment.lead), key=lambda p: (p.at, p.id))
        standing = [item for item in mine if not self.world.gone(item)]
        if len(standing) >= holdback["payments"]:
            released = max(day, standing[holdback["payments"] - 1].at.date())
            self._line(component, payment, who, held, prefix="held:", day=released)

    def _line(
        self, component: dict[str, Any], payment: Payment, who: str, line: int, *, prefix: str, day: date
    ) -> None:
        self.lines[component["code"], who, f"{prefix}payment:bank:{payment.id}", day.isoformat()] += line
        taken, weighed = 0, Fraction(0)
        for refund, counts_at, counted, _ in self.world.refunds_of(payment):
            weighed += counted * self._window(component, payment, counts_at.date())
            all_taken = nearest(Fraction(line) * weighed / payment.minor)
            on = max(day, counts_at.date()) if prefix == "held:" else counts_at.date()
            key = (component["code"], who, f"{prefix}refund:bank:{refund.id}", on.isoformat())
            self.lines[key] -= all_taken - taken
            taken = all_taken

    def _window(self, component: dict[str, Any], payment: Payment, refunded: date) -> Fraction:
        clawback = component["clawback"]
        if clawback is None:
            return Fraction(1)
        left = clawback["within_days"] - max(0, (refunded - payment.at.date()).days)
        if left <= 0:
            return Fraction(0)
        return Fraction(1) if clawback["decay"] == "none" else Fraction(left, clawback["within_days"])

    def _gate(self, component: dict[str, Any], who: str, period: str) -> Fraction:
        gates = [item for item in self.plan["components"] if item["code"] == component["gated_by"]]
        if not gates:
            return Fraction(1)
        days = [last_day(period).replace(day=1)]
        while "Q" in period and len(days) < 3:
            days.append((days[-1] - timedelta(days=1)).replace(day=1))
        calls = sum(self.world.calls.get((who, month_of(day)), 0) for day in days)
        working = sum(_working_days(day) for day in days)
        norm = gates[0]["norm_per_working_day"] * working * self._ramp(who, last_day(period))[1]
        return min(Fraction(gates[0]["ceiling_percent"], 100), Fraction(calls) / Fraction(norm))

    def _unit(self, table: dict[str, Any] | None, who: str, period: str) -> Fraction | None:
        if table is None or table["by"] == "value":
            return Fraction(100)
        quota = self.world.quotas.get((who, period))
        return None if quota is None else Fraction(quota) * self._ramp(who, last_day(period))[1] / 100

    def _pooled(self, component: dict[str, Any], who: str, period: str) -> None:
        mine = [
            payment
            for payment in sorted(self.world.payments, key=lambda p: (p.at, p.id))
            if _in(payment.at.date(), period)
            and self.world.owner(payment.lead, payment.at) == who
            and self._selects(component, payment)
        ]
        unit = self._unit(component["tiers"], who, period)
        reached = sum(self._base(component, payment) for payment in mine)
        running = gross = 0
        for payment in mine:
            if unit is None:
                break
            factor = self._gate(component, who, period) * self._ramp(who, payment.at.date())[0]
            before, running = running, running + self._base(component, payment)
            grown = [nearest(self._earned(component, total, reached, unit) * factor) for total in (before, running)]
            line = grown[1] - grown[0]
            if component["limits"]["cap"] is not None:
                line = min(line, max(0, minor(component["limits"]["cap"]) - gross))
            gross += line
            self._line(component, payment, who, line, prefix=f"in:{period}/", day=payment.at.date())
        if component["limits"]["floor"] is not None and self.world.hired[who] <= last_day(period):
            missing = max(0, minor(component["limits"]["floor"]) - gross)
            self.lines[component["code"], who, f"in:{period}/floor", last_day(period).isoformat()] += missing

    def _earned(self, component: dict[str, Any], total: int, reached: int, unit: Fraction) -> Fraction:
        if component["tiers"] is None:
            return Fraction(component["rate"]) * total
        return paid_by_tiers(component["tiers"], total, reached, unit)

    def _bonus(self, component: dict[str, Any], who: str, period: str) -> None:
        if self.world.hired[who] > last_day(period):
            return
        by_lead = self._net_by_lead(who, period)
        in_money = component["measure"] == "sum_of_payments"
        value = sum(by_lead.values()) if in_money else sum(1 for net in by_lead.values() if net > 0)
        threshold = minor(component["threshold"]) if component["threshold"] else component["threshold_count"]
        if threshold is not None and value < threshold:
            return
        value = max(0, value)
        unit = self._unit(component["tiers"], who, period)
        if unit is None:
            return
        exact = self._exact_bonus(component, who, period, value, unit)
        factor = self._gate(component, who, period) * self._ramp(who, last_day(period))[0]
        key = (component["code"], who, f"in:{period}/period", last_day(period).isoformat())
        self.lines[key] += nearest(exact * factor)

    def _net_by_lead(self, who: str, period: str) -> Counter[str]:
        by_lead: Counter[str] = Counter()
        for payment in self.world.payments:
            if self.world.owner(payment.lead, payment.at) == who:
                by_lead[payment.lead] += payment.minor if _in(payment.at.date(), period) else 0
                for _, counts_at, counted, _ in self.world.refunds_of(payment):
                    by_lead[payment.lead] -= counted if _in(counts_at.date(), period) else 0
        return by_lead

    def _exact_bonus(self, component: dict[str, Any], who: str, period: str, value: int, unit: Fraction) -> Fraction:
        table = component["tiers"]
        if table is not None and table["tiers"][0]["rate"] is not None:
            return paid_by_tiers(table, value, value, unit)
        if table is not None:
            return Fraction(sums_by_tiers(table, value, unit))
        amount = Fraction(minor(component["amount"]))
        if component["of_quota_up_to_percent"] is None:
            return amount
        quota = self.world.quotas.get((who, period), 0)
        if not quota:
            return Fraction(0)
        asked = quota * self._ramp(who, last_day(period))[1]
        return amount * min(Fraction(value) / asked, Fraction(component["of_quota_up_to_percent"], 100))


def _in(day: date, period: str) -> bool:
    return period in {month_of(day), quarter_of(day)}


def _working_days(first: date) -> int:
    days = [first + timedelta(days=offset) for offset in range(31)]
    return sum(1 for day in days if day.month == first.month and day.weekday() < 5)
