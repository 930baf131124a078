"""The payroll file as JSON: the same rows under their column names, with the control totals."""

import json
from collections.abc import Sequence

from conveyor.contracts.payroll import PayoutRow
from conveyor.payroll_file.rows import COLUMNS, cells_of, in_file_order, totals_of


def as_json(rows: Sequence[PayoutRow], *, period: str) -> bytes:
    """`{period, lines, totals: [{amount, currency}], rows: [{column: text}]}`; the same rows give the same bytes."""
    document = {
        "period": period,
        "lines": len(rows),
        "totals": [total.model_dump() for total in totals_of(rows)],
        "rows": [dict(zip(COLUMNS, cells_of(row), strict=True)) for row in in_file_order(rows)],
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
