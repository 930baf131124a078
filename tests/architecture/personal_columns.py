"""Every column that holds text, bytes or JSON is classified in docs/personal-data.md: erased by whom, or why not."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_WORDY = re.compile(r"\b(str|Text|String|JSON|JSONB|dict|bytes|LargeBinary|Any)\b")
_PLACE = re.compile(r"^`([\w/.-]+\.py)`$")
REASON_CHARS_MIN = 8


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the page: columns of one table, what becomes of them. `place` is the file that erases, if any does."""

    table: str
    columns: tuple[str, ...]
    fate: str

    @property
    def place(self) -> str | None:
        """The file that erases these columns; None when they stay."""
        found = _PLACE.match(self.fate)
        return found[1] if found else None


def wordy_columns(source: str) -> Iterator[tuple[str, str]]:
    """(table, column) of every mapped column in which a person could stand."""
    for node in ast.parse(source).body:
        if not isinstance(node, ast.ClassDef):
            continue
        table = next(filter(None, map(_table_name, node.body)), None)
        for part in node.body if table else ():
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name) and _is_wordy(part):
                yield str(table), part.target.id


def rows_of(page: str) -> list[Row]:
    """The lines of the page's tables."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line[:3] == "| `"]
    return [Row(cell[0].strip("`"), tuple(re.findall(r"`(\w+)`", cell[1])), cell[2]) for cell in cells]


def offences(columns: Sequence[tuple[str, str]], rows: Sequence[Row], checkout: Path) -> Iterator[str]:
    """Columns without a line, lines without a column, files that do not erase what the page says of them."""
    said = [(row.table, column) for row in rows for column in row.columns]
    for table, column in sorted(set(columns) - set(said)):
        yield f"{table}.{column} is not classified: who erases it, or why does it hold nobody?"
    for table, column in sorted(set(said) - set(columns)):
        yield f"{table}.{column} is classified and does not exist"
    for table, column in sorted({each for each in said if said.count(each) > 1}):
        yield f"{table}.{column} is classified twice"
    for row in rows:
        yield from _unkept(row, checkout)


def _unkept(row: Row, checkout: Path) -> Iterator[str]:
    if row.place is None:
        if len(row.fate) < REASON_CHARS_MIN:
            yield f"{row.table}: say why {', '.join(row.columns)} stay"
        return
    path = checkout / row.place
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    if row.table not in text:
        yield f"{row.table}: {row.place} does not name it"
    elif re.search(rf"\bDELETE\s+FROM\s+{row.table}\b", text) is None:
        yield from (
            f"{row.table}.{column}: {row.place} does not name it"
            for column in row.columns
            if not re.search(rf"\b{column}\b", text)
        )


def _table_name(part: ast.stmt) -> str | None:
    if isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) == "__tablename__":
        return str(ast.literal_eval(part.value))
    return None


def _is_wordy(part: ast.AnnAssign) -> bool:
    declared = ast.unparse(part.annotation) + (ast.unparse(part.value) if part.value else "")
    return _WORDY.search(declared) is not None
