"""Gaps, overlaps and cliffs of tiers. Pure."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Literal

from conveyor.bonuses.engine.tiers import Slice, slices
from conveyor.bonuses.plans.modifiers import Tier, TierTable
from conveyor.kit.money import Money

Found = tuple[Literal["error", "warning"], str, str, str]


def tier_findings(table: TierTable, pointer: str) -> Iterator[Found]:
    """(level, code, pointer, text) of everything suspicious in a table."""
    ordered = sorted(enumerate(table.tiers), key=lambda item: (item[1].starts, item[0]))
    yield from _overlaps(ordered, pointer)
    found = slices(table.tiers, unit=Fraction(1))
    used = {id(item.tier) for item in found}
    for place, tier in enumerate(table.tiers):
        if id(tier) not in used:
            yield "error", "unreachable", f"{pointer}/tiers/{place}", "other tiers cover it wholly; it never pays"
    yield from _gaps(found, pointer)
    if table.mode == "whole":
        yield from _cliffs(found, pointer)


def _overlaps(ordered: list[tuple[int, Tier]], pointer: str) -> Iterator[Found]:
    open_until: Fraction | None = Fraction(0)
    for number, (place, tier) in enumerate(ordered):
        if number and (open_until is None or tier.starts < open_until):
            text = f"from {tier.from_value} on two tiers hold; the one that begins later would count"
            yield "error", "tier_overlap", f"{pointer}/tiers/{place}", text
        if number == 0 or (open_until is not None and (tier.ends is None or tier.ends > open_until)):
            open_until = tier.ends


def _gaps(found: list[Slice], pointer: str) -> Iterator[Found]:
    until: Fraction | None = Fraction(0)
    for number, item in enumerate(found):
        if until is not None and item.starts > until:
            level: Literal["error", "warning"] = "error" if number else "warning"
            text = f"between {until} and {item.starts} nothing is paid"
            yield level, "tier_gap", f"{pointer}/tiers", text
        until = item.ends
    if until is not None:
        yield "warning", "tiers_end", f"{pointer}/tiers", f"from {until} on nothing is paid"


def _cliffs(found: list[Slice], pointer: str) -> Iterator[Found]:
    """Where a kopeck (or a fact) more pays less: in a table that pays everything by the tier reached."""
    for number, item in enumerate(found):
        if item.ends is None:
            continue
        following = found[number + 1] if number + 1 < len(found) and found[number + 1].starts == item.ends else None
        if following is None:
            text = f"at {item.ends} everything is lost; just below it the tier from {item.starts} pays"
            yield "warning", "cliff", f"{pointer}/tiers", text
        elif _pays(following.tier, item.ends) < _pays(item.tier, item.ends):
            text = f"at {item.ends} the next tier pays less than the one from {item.starts} just below it"
            yield "warning", "cliff", f"{pointer}/tiers", text


def _pays(tier: Tier, value: Fraction) -> Fraction:
    if tier.amount is not None:
        return Fraction(Money.from_wire(tier.amount).amount_minor)
    return tier.exact_rate * value
