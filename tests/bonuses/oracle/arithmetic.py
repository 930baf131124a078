"""The oracle's own arithmetic. Nothing of the product is imported here or beside it."""

from calendar import monthrange
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any


def nearest(value: Fraction) -> int:
    """Halves away from zero."""
    size = abs(value) + Fraction(1, 2)
    whole = int((Decimal(size.numerator) / Decimal(size.denominator)).to_integral_value(ROUND_FLOOR))
    while whole > size:
        whole -= 1
    while whole + 1 <= size:
        whole += 1
    return whole if value >= 0 else -whole


def minor(money: dict[str, str]) -> int:
    return int(Decimal(money["amount"]) * 100)


def parts_of(total: int, weights: list[int]) -> list[int]:
    """Hand out one unit after the other to whoever is furthest below his exact share."""
    exact = [Fraction(total * weight, sum(weights)) for weight in weights]
    parts = [int(share) for share in exact]
    while sum(parts) < total:
        behind = [share - part for share, part in zip(exact, parts, strict=True)]
        parts[behind.index(max(behind))] += 1
    return parts


def month_of(when: date) -> str:
    return f"{when.year}-{when.month:02d}"


def quarter_of(when: date) -> str:
    return f"{when.year}-Q{(when.month + 2) // 3}"


def later(when: Any, months: int) -> Any:
    """A day or a moment, month by month, then the day clamped."""
    year, month = when.year, when.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return when.replace(year=year, month=month, day=min(when.day, monthrange(year, month)[1]))


def last_day(period: str) -> date:
    year = int(period[:4])
    month = int(period[6]) * 3 if "Q" in period else int(period[5:])
    return date(year, month, monthrange(year, month)[1])


def paid_by_tiers(table: dict[str, Any], total: int, reached: int, unit: Fraction) -> Fraction:
    """Kopeck by kopeck would be the most naive; between two bounds nothing changes, so bound by bound."""
    tiers = [
        (
            Fraction(tier["from_value"]) * unit,
            None if tier["until_value"] is None else Fraction(tier["until_value"]) * unit,
            tier,
        )
        for tier in table["tiers"]
    ]

    def chosen(value: Fraction) -> Any:
        best = None
        for starts, ends, tier in tiers:
            if starts <= value and (ends is None or value < ends) and (best is None or starts >= best[0]):
                best = (starts, tier)
        return None if best is None else best[1]

    if table["mode"] == "whole":
        tier = chosen(Fraction(reached))
        return Fraction(0) if tier is None or total <= 0 else total * Fraction(tier["rate"])
    bounds = sorted({Fraction(0), Fraction(max(total, 0))} | {bound for item in tiers for bound in item[:2] if bound})
    earned = Fraction(0)
    for low, high in pairwise(bounds):
        tier = chosen(low)
        if high <= total and tier is not None:
            earned += (high - low) * Fraction(tier["rate"])
    return earned


def sums_by_tiers(table: dict[str, Any], value: int, unit: Fraction) -> int:
    found = 0
    for tier in table["tiers"]:
        starts, ends = Fraction(tier["from_value"]) * unit, tier["until_value"]
        inside = starts <= value and (ends is None or value < Fraction(ends) * unit)
        if inside or (table["mode"] == "marginal" and starts <= value):
            found += minor(tier["amount"])
    return found
