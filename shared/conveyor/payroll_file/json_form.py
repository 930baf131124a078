"""The payroll file as JSON, with its control totals, and as JSON Lines: the same rows under their column names."""

import json
from collections.abc import Iterator, Sequence
from json.encoder import encode_basestring

from conveyor.contracts.payroll import PayoutRow
from conveyor.payroll_file.rows import COLUMNS, FileRow, Summary, in_file_order, totals_of

_OBJECT = "    {\n" + ",\n".join(f'      "{column}": %s' for column in COLUMNS) + "\n    }"
_LINE = "{" + ", ".join(f'"{column}": %s' for column in COLUMNS) + "}\n"


class JsonForm:
    """`{period, lines, totals: [{amount, currency}], rows: [{column: text}]}`, two spaces deep."""

    def __init__(self, summary: Summary) -> None:
        head = {
            "period": summary.period,
            "lines": summary.lines,
            "totals": [total.model_dump() for total in summary.totals],
        }
        self._before = json.dumps(head, ensure_ascii=False, indent=2).removesuffix("\n}") + ',\n  "rows": ['
        self._is_empty = True

    def write(self, rows: Sequence[FileRow]) -> bytes:
        """The bytes of these rows, after those before."""
        if not rows:
            return b""
        objects = ",\n".join(_OBJECT % tuple(map(encode_basestring, row)) for row in rows)
        text = f"{self._before}\n{objects}" if self._is_empty else f",\n{objects}"
        self._is_empty = False
        return text.encode()

    def finish(self) -> Iterator[bytes]:
        """What is left when all rows were written."""
        yield f"{self._before}]\n}}\n".encode() if self._is_empty else b"\n  ]\n}\n"

    def close(self) -> None:
        """Nothing is held."""


class JsonLinesForm:
    """One JSON object per row and line."""

    def write(self, rows: Sequence[FileRow]) -> bytes:
        """The bytes of these rows, after those before."""
        return "".join([_LINE % tuple(map(encode_basestring, row)) for row in rows]).encode()

    def finish(self) -> Iterator[bytes]:
        """Nothing follows the rows."""
        yield b""

    def close(self) -> None:
        """Nothing is held."""


def as_json(rows: Sequence[PayoutRow], *, period: str) -> bytes:
    """The whole file in file order; the same rows give the same bytes."""
    form = JsonForm(Summary(period=period, lines=len(rows), totals=totals_of(rows)))
    return form.write(in_file_order(rows)) + b"".join(form.finish())
