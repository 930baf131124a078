"""Rows for files, with what a test does not care about filled in."""

from collections.abc import Iterable
from datetime import date

from conveyor.contracts.payroll import PayoutRow
from conveyor.payroll_file.rows import FileRow, in_file_order
from conveyor.payroll_file.streaming import Form


def row(**changes: object) -> PayoutRow:
    fields: dict[str, object] = {
        "batch_id": "telemarketing-2025-09-1",
        "period": "2025-09",
        "payroll_number": "0101",
        "employee": "Anna",
        "role": "sdr",
        "component": "client_paid",
        "lead": "Romashka",
        "earned_on": date(2025, 9, 22),
        "amount": "6000.00",
        "currency": "RUB",
        "cause_id": "P1",
    }
    return PayoutRow.model_validate(fields | changes)


def written(form: Form, rows: Iterable[PayoutRow], *, page_rows: int = 2) -> bytes:
    """The whole file, its rows given in pages."""
    ordered: list[FileRow] = in_file_order(rows)
    pages = [ordered[start : start + page_rows] for start in range(0, len(ordered), page_rows)]
    try:
        return b"".join(map(form.write, pages)) + b"".join(form.finish())
    finally:
        form.close()
