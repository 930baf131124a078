"""Columns, order and control totals of the payroll file."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from conveyor.contracts.payroll import PayoutRow
from conveyor.contracts.values import WireMoney
from conveyor.kit.money import Money


class FileRow(NamedTuple):
    """One row as texts in column order, as they are: not yet made safe for a spreadsheet. `amount` is decimal text."""

    batch_id: str
    period: str
    payroll_number: str
    employee: str
    role: str
    component: str
    lead: str
    earned_on: str
    amount: str
    currency: str
    cause_id: str


COLUMNS = FileRow._fields

_ORDER = (
    *("payroll_number", "role", "component", "earned_on", "cause_id", "lead", "amount"),
    *("currency", "batch_id", "employee"),
)

sort_key = itemgetter(*(COLUMNS.index(name) for name in _ORDER))
"""Code points of payroll_number, role, component, earned_on, cause_id, lead, amount; the rest breaks ties."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a file says about itself before its rows: they are streamed and cannot be counted first."""

    period: str
    lines: int
    totals: tuple[WireMoney, ...]


def file_row(row: PayoutRow) -> FileRow:
    """The row of a fact as the file's texts."""
    values = row.model_dump(mode="json")
    return FileRow._make(str(values[column]) for column in COLUMNS)


def in_file_order(rows: Iterable[PayoutRow]) -> list[FileRow]:
    """The rows as the file lists them, whatever the order they came in."""
    return sorted(map(file_row, rows), key=sort_key)


def totals_of(rows: Iterable[PayoutRow | FileRow]) -> tuple[WireMoney, ...]:
    """The sum of every currency in the rows, by currency code."""
    sums: dict[str, Money] = {}
    for row in rows:
        amount = Money.of(row.amount, row.currency)
        sums[row.currency] = sums.get(row.currency, Money.zero(row.currency)) + amount
    return tuple(sums[currency].to_wire() for currency in sorted(sums))


def sha256_of(content: bytes) -> str:
    """The control hash of a document, as lower-case hex. Of a batch it is taken over its `std` CSV."""
    return hashlib.sha256(content).hexdigest()
