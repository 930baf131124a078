"""Tiers: what a running sum or a measure earns, exactly. Half-open; overlaps go to the tier that begins later.

Of two tiers that begin together the later in the list counts; in a gap nothing is paid. Bounds are scaled to the unit
of the measure: minor units for money, one for counts, quota ÷ 100 for attainment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from conveyor.bonuses.plans.modifiers import Tier, TierTable
from conveyor.kit.money import Money


@dataclass(frozen=True, slots=True)
class Slice:
    """A stretch [starts, ends) of the measure with the one tier that counts in it."""

    starts: Fraction
    ends: Fraction | None
    tier: Tier


def slices(tiers: Sequence[Tier], *, unit: Fraction) -> list[Slice]:
    """The tiers without overlap, in order; gaps stay gaps."""
    bounds = {tier.starts for tier in tiers} | {tier.ends for tier in tiers if tier.ends is not None}
    edges: list[Fraction | None] = [*sorted(bounds), None]
    found: list[Slice] = []
    for start, end in pairwise(edges):
        tier = None if start is None else tier_at(tiers, start)
        if start is not None and tier is not None:
            found.append(Slice(start * unit, None if end is None else end * unit, tier))
    return found


def tier_at(tiers: Sequence[Tier], value: Fraction) -> Tier | None:
    """The tier that counts at a value (in the bounds' unit); None in a gap."""
    holding = [
        (tier.starts, place, tier)
        for place, tier in enumerate(tiers)
        if tier.starts <= value and (tier.ends is None or value < tier.ends)
    ]
    return max(holding, key=lambda item: item[:2])[2] if holding else None


def shares_of(table: TierTable, total: Fraction, *, unit: Fraction, reached: Fraction) -> list[tuple[Fraction, Tier]]:
    """(amount of the measure, tier that pays it) up to `total`, when the period as a whole reached `reached`."""
    if total <= 0:
        return []
    if table.mode == "whole":
        tier = tier_at(table.tiers, reached / unit) if unit else None
        return [(total, tier)] if tier is not None else []
    return [
        (min(total, total if item.ends is None else item.ends) - item.starts, item.tier)
        for item in slices(table.tiers, unit=unit)
        if item.starts < total
    ]


def earned(table: TierTable, total: Fraction, *, unit: Fraction, reached: Fraction) -> Fraction:
    """What rates pay for `total`, exact."""
    shares = shares_of(table, total, unit=unit, reached=reached)
    return sum((amount * tier.exact_rate for amount, tier in shares), Fraction(0))


def sums_reached(table: TierTable, value: Fraction, *, unit: Fraction) -> list[tuple[Tier, int]]:
    """Tiers of sums that pay at a value: the one reached, or with `marginal` every one that was begun."""
    if not unit or value < 0:
        return []
    if table.mode == "whole":
        tier = tier_at(table.tiers, value / unit)
        found = [tier] if tier is not None else []
    else:
        found = [item.tier for item in slices(table.tiers, unit=unit) if item.starts <= value]
    unique = list(dict.fromkeys(found))
    return [(tier, Money.from_wire(tier.amount).amount_minor) for tier in unique if tier.amount is not None]
