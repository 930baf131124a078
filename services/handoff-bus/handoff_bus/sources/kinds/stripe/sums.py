"""Stripe's smallest units, which are not always those of ISO 4217.

Source: stripe.com/docs/currencies. Zero-decimal currencies are told in whole units. ISK and UGX have no
decimals but are told in hundredths; MGA is told in whole ariary.
"""

from conveyor.kit.money import Money
from handoff_bus.sources.kinds.payments.amounts import currency_of, from_minor

_NO_DECIMALS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"],
)
_THREE_DECIMALS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])


def sum_of(value: object, currency: object, *, pointer: str) -> Money:
    """A sum as Stripe tells it. Raises UnreadableDelivery."""
    code = currency_of(currency, pointer="/data/object/currency")
    decimals = 0 if code in _NO_DECIMALS else 3 if code in _THREE_DECIMALS else 2
    return from_minor(value, code, decimals=decimals, pointer=pointer)
