"""Columns, order and control totals of the payroll file."""

import hashlib
from collections.abc import Iterable, Sequence

from conveyor.contracts.payroll import PayoutRow
from conveyor.contracts.values import WireMoney
from conveyor.kit.money import Money

COLUMNS = (
    "batch_id",
    "period",
    "payroll_number",
    "employee",
    "role",
    "component",
    "lead",
    "earned_on",
    "amount",
    "currency",
    "cause_id",
)


def sort_key(row: PayoutRow) -> tuple[str, ...]:
    """Code points of payroll_number, role, component, earned_on, cause_id, lead, amount; the rest breaks ties."""
    return (
        row.payroll_number,
        row.role,
        row.component,
        row.earned_on.isoformat(),
        row.cause_id,
        row.lead,
        row.amount,
        row.currency,
        row.batch_id,
        row.employee,
    )


def in_file_order(rows: Iterable[PayoutRow]) -> list[PayoutRow]:
    """The rows as the file lists them, whatever the order they came in."""
    return sorted(rows, key=sort_key)


def totals_of(rows: Iterable[PayoutRow]) -> tuple[WireMoney, ...]:
    """The sum of every currency in the rows, by currency code."""
    sums: dict[str, Money] = {}
    for row in rows:
        amount = Money.of(row.amount, row.currency)
        sums[row.currency] = sums.get(row.currency, Money.zero(row.currency)) + amount
    return tuple(sums[currency].to_wire() for currency in sorted(sums))


def sha256_of(content: bytes) -> str:
    """The control hash of a document, as lower-case hex. Of a batch it is taken over its `std` CSV."""
    return hashlib.sha256(content).hexdigest()


def cells_of(row: PayoutRow) -> Sequence[str]:
    """The row's texts in column order, as they are: not yet made safe for a spreadsheet."""
    values = row.model_dump(mode="json")
    return [str(values[column]) for column in COLUMNS]
