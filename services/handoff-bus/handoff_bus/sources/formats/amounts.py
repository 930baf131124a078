"""Amounts as outside systems write them, made wire money. No float: decimal text, or digits of minor units."""

import re

from conveyor.contracts.values import CURRENCY_DIGITS

_DECIMAL = re.compile(r"([0-9]{1,15})(?:[.,]([0-9]{0,12}))?")
_MINOR = re.compile(r"[0-9]{1,15}")


def major_units(text: str, currency: str) -> dict[str, str] | None:
    """From `"15000.5"`, `"15000"` or `"15000.000000"`: the amount, or None when it is none in this currency."""
    found = _DECIMAL.fullmatch(text.strip())
    digits = CURRENCY_DIGITS.get(currency)
    if found is None or digits is None:
        return None
    whole, decimals = found[1], (found[2] or "").rstrip("0")
    if len(decimals) > digits:
        return None
    decimals = decimals.ljust(digits, "0")
    return {"amount": f"{int(whole)}.{decimals}" if digits else str(int(whole)), "currency": currency}


def minor_units(text: str, currency: str) -> dict[str, str] | None:
    """From whole kopecks or cents."""
    digits = CURRENCY_DIGITS.get(currency)
    if _MINOR.fullmatch(text.strip()) is None or digits is None:
        return None
    padded = text.strip().rjust(digits + 1, "0")
    whole, decimals = (padded[:-digits], padded[-digits:]) if digits else (padded, "")
    return {"amount": f"{int(whole)}.{decimals}" if digits else str(int(whole)), "currency": currency}
