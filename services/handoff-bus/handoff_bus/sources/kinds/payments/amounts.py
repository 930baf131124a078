"""Sums as payment systems write them. Never a float: what was read as one is taken by its shortest decimal text."""

import re
from decimal import Decimal, InvalidOperation

from conveyor.contracts.values import CURRENCY_DIGITS, WireMoney
from conveyor.kit.money import Money
from conveyor.kit.refusals import FieldError
from handoff_bus.sources.kinds.kind import UnreadableDelivery

# Old forms and unusual decimals of one number: "100", "15000.000000", "23.00".
_DECIMAL = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,12})?", re.ASCII)
_MINOR_MAX = 10**17
_OLD_CODES = {"RUR": "RUB", "BYR": "BYN"}


def unreadable(pointer: str, message: str) -> UnreadableDelivery:
    """The refusal of one field."""
    return UnreadableDelivery(errors=[FieldError(pointer, message)])


def currency_of(value: object, *, pointer: str) -> str:
    """An ISO 4217 code, from either case and from `RUR`. Raises UnreadableDelivery."""
    code = value.upper() if isinstance(value, str) else ""
    code = _OLD_CODES.get(code, code)
    if code not in CURRENCY_DIGITS:
        raise unreadable(pointer, "is no currency")
    return code


def from_major(value: object, currency: str, *, pointer: str) -> Money:
    """A sum in rubles, dollars: decimal text or a JSON number. Raises UnreadableDelivery, also below a kopeck."""
    text = repr(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
        raise unreadable(pointer, "is no sum of money")
    return _exact(Decimal(text), currency, pointer=pointer)


def from_minor(value: object, currency: str, *, decimals: int, pointer: str) -> Money:
    """A sum in the provider's smallest units, `decimals` of which make one whole unit. Raises UnreadableDelivery."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _MINOR_MAX:
        raise unreadable(pointer, "is no whole number of smallest units")
    return _exact(Decimal(value).scaleb(-decimals), currency, pointer=pointer)


def wire(money: Money) -> WireMoney:
    """The form in which events carry money. Raises UnreadableDelivery for more than a department can move."""
    try:
        return money.to_wire()
    except ValueError:
        raise unreadable("/amount", "is too large") from None


def _exact(units: Decimal, currency: str, *, pointer: str) -> Money:
    try:
        minor = units.scaleb(CURRENCY_DIGITS[currency])
        whole = int(minor)
    except (InvalidOperation, ValueError, OverflowError):
        raise unreadable(pointer, "is no sum of money") from None
    if whole != minor:
        raise unreadable(pointer, f"has more decimals than {currency} has")
    return Money(whole, currency)
