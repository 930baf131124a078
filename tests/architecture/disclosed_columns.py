"""What is erased of a subject is disclosed to him: each column that an erasure changes is given, or says why not."""

import re
from collections.abc import Iterator, Mapping, Sequence

from conveyor.disclosing.kept import Kept, KeptOf
from conveyor.erasing.steps import Step, Steps
from tests.architecture.personal_columns import Row

MESSAGES = "shared/conveyor/kit/messaging/erased.py"
"""The file that erases, in every service and of every kind of subject, the facts that it keeps."""
KEPT_BY_LAW = "that the law asks to keep"
WHY_CHARS_MIN = 20
_CHANGE = re.compile(r"\b(?:UPDATE|DELETE FROM) (?P<table>\w+)\b(?P<rest>.*)", re.DOTALL)


def personal_columns(rows: Sequence[Row]) -> dict[str, set[str]]:
    """By table: columns that a file erases, in part too, or that the law asks to keep although they hold people."""
    found: dict[str, set[str]] = {}
    for row in rows:
        if ".py`" in row.fate or row.fate.endswith(KEPT_BY_LAW):
            found.setdefault(row.table, set()).update(row.columns)
    return found


def erased_columns(steps: Sequence[Step], rows: Sequence[Row]) -> set[tuple[str, str]]:
    """Personal columns that these steps change, and those of the facts that every service keeps."""
    personal = personal_columns(rows)
    found = {(row.table, column) for row in rows if row.place == MESSAGES for column in row.columns}
    for step in steps:
        change = _CHANGE.search(step.statement)
        if change is None or change[0].startswith("DELETE"):
            table = step.what if change is None else change["table"]
            found |= {(table, column) for column in personal.get(table, ())}
        else:
            words = set(re.findall(r"(\w+) =", change["rest"]))
            found |= {(change["table"], column) for column in personal.get(change["table"], set()) & words}
    return found


def offences(service: str, steps: Steps, disclosed: KeptOf, rows: Sequence[Row]) -> Iterator[str]:
    """Columns that are erased of a kind of subject and not disclosed to it, and reasons that say nothing."""
    for kind, kept in disclosed.items():
        told = disclosed_columns(kept)
        for table, column in sorted(erased_columns(steps.get(kind, ()), rows) - told):
            yield f"{service}: {table}.{column} is erased of a {kind} and not disclosed to him"
        for one in kept:
            yield from (f"{service}: {one.table.name}.{name}: why is it withheld?" for name in _unexplained(one))


def never_disclosed(disclosed: Sequence[KeptOf], rows: Sequence[Row]) -> Iterator[str]:
    """Personal columns that no service discloses to anybody, whoever erases or keeps them."""
    told = {each for one in disclosed for kept in one.values() for each in disclosed_columns(kept)}
    for table, columns in sorted(personal_columns(rows).items()):
        yield from (
            f"{table}.{column} is disclosed to nobody" for column in sorted(columns) if (table, column) not in told
        )


def disclosed_columns(kept: Sequence[Kept]) -> set[tuple[str, str]]:
    """Columns that are given, or named as withheld."""
    return {(one.table.name, column.name) for one in kept for column in one.given}


def _unexplained(kept: Kept) -> Iterator[str]:
    columns: Mapping[str, object] = kept.columns
    for name, treatment in columns.items():
        why = getattr(treatment, "why", None)
        if why is not None and len(why) < WHY_CHARS_MIN:
            yield name
