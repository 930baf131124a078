"""What a payment's purpose text says: contract, invoice, VAT, and whether it gives money back. Pure."""

import re

from conveyor.contracts.values import Reference
from conveyor.kit.money import Money
from handoff_bus.sources.kinds.payments.names import reference

# After a sign, a number may begin with a few letters and a blank: "N Н 394/536-10-16"; "от" begins a date.
_NUMBER = (
    r"\s*+(?:№|N[oº°]?\.?(?=\s)|#|=|:|номер)?\s*+(?!от\b)"
    r"((?:(?-i:[А-ЯA-Z]{1,3}) )?[\w./-]*\d[\w./-]*)"
)
_CONTRACT = re.compile(r"\b(?:договор[^\W\d]*+|дог\.|контракт[^\W\d]*+|contract)" + _NUMBER, re.IGNORECASE)
_INVOICE = re.compile(r"\b(?:сч[её]т(?:а|у|ом|е|ам)?|сч\.|инвойс[^\W\d]*+|invoice)(?!-)" + _NUMBER, re.IGNORECASE)
_REFUND = re.compile(r"\bвозврат", re.IGNORECASE)
_VAT = re.compile(r"\bНДС[\s(]*[0-9]{1,2}\s*%[\s),:=-]*(?:в сумме\s*)?([0-9]{1,12})[.,-]([0-9]{2})\b", re.IGNORECASE)
_ACCOUNT_DIGITS = 20
# The format allows 210 characters; an endless text must not cost more than a long one.
_LOOKED_AT = 1_000


def names_in_purpose(text: str) -> list[Reference]:
    """The contract and the invoice that the text names, in the order in which they decide."""
    return [*_references("contract", _CONTRACT, text), *_references("invoice", _INVOICE, text)]


def gives_back(text: str) -> bool:
    """Whether it is money given back."""
    return _REFUND.search(text[:_LOOKED_AT]) is not None


def vat_in(text: str, amount: Money) -> Money | None:
    """The VAT in the sum, if the text tells it and it makes sense."""
    found = _VAT.search(text[:_LOOKED_AT])
    if found is None:
        return None
    vat = Money(int(found[1] + found[2]), amount.currency)
    return vat if 0 < vat.amount_minor < amount.amount_minor else None


def _references(system: str, pattern: re.Pattern[str], text: str) -> list[Reference]:
    found = []
    for match in pattern.finditer(text[:_LOOKED_AT]):
        value = match[1].rstrip("./-")
        # A prefix may belong to the number or to the words before it; where № cannot be written, N stands before it.
        candidates = dict.fromkeys((value.removeprefix("N"), value, value.rpartition(" ")[2]))
        found += [
            name
            for candidate in candidates
            if not (candidate.isdigit() and len(candidate) == _ACCOUNT_DIGITS)
            and (name := reference(system, candidate)) is not None
        ]
    return found
