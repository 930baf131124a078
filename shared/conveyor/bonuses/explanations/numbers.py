"""Exact numbers in the words of a language: money, percentages, counts. Pure; nothing is ever a floating number.

What has no finite end is cut and marked with `≈`: the exact value stays in the structured explanation.
"""

from fractions import Fraction
from typing import Literal

from conveyor.contracts.values import CURRENCY_DIGITS
from conveyor.kit.money import round_half_up

Language = Literal["en", "ru"]

_THOUSANDS = {"en": ",", "ru": "\N{NO-BREAK SPACE}"}
_POINT = {"en": ".", "ru": ","}
_MORE_DIGITS = 4


def money_text(minor: Fraction, currency: str, lang: Language) -> str:
    """`6,000.00 RUB`; parts of a minor unit are shown with up to four more digits."""
    digits = CURRENCY_DIGITS.get(currency, 2)
    return f"{_decimal(minor / 10**digits, at_least=digits, at_most=digits + _MORE_DIGITS, lang=lang)} {currency}"


def percent_text(share: Fraction, lang: Language) -> str:
    """`3 %`."""
    return f"{_decimal(share * 100, at_least=0, at_most=_MORE_DIGITS, lang=lang)} %"


def number_text(value: Fraction, lang: Language) -> str:
    """`990`."""
    return _decimal(value, at_least=0, at_most=_MORE_DIGITS, lang=lang)


def _decimal(value: Fraction, *, at_least: int, at_most: int, lang: Language) -> str:
    shown = round_half_up(value * 10**at_most)
    exact = Fraction(shown, 10**at_most) == value
    text = str(abs(shown)).rjust(at_most + 1, "0")
    whole, decimals = text[: len(text) - at_most], text[len(text) - at_most :]
    kept = decimals.rstrip("0").ljust(at_least, "0")
    grouped = f"{int(whole):,}".replace(",", _THOUSANDS[lang])
    sign = "−" if shown < 0 else ""
    return f"{'' if exact else '≈ '}{sign}{grouped}{_POINT[lang] + kept if kept else ''}"
