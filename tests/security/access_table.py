"""Reads docs/access.md: for each operation of each service, what each role may."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = CHECKOUT / "docs" / "access.md"
STAGES = ("telemarketing", "closing", "account")
SERVICES = ("handoff-bus", *STAGES)
# Under which headings a service's operations stand.
HEADINGS = {
    "handoff-bus": ("every service", "handoff-bus"),
    **{stage: ("every service", stage, "bonuses") for stage in STAGES},
}
Right = Literal["all", "own", "self", "–"]
REFUSED: Right = "–"
_ROW = re.compile(r"^\| `(?P<operation>[A-Z]+ \S+)` *\|(?P<cells>.*)\|$")
_HOW = "Fill it in by hand from what the product promises, in docs/access.md under"


@dataclass(frozen=True)
class Row:
    """One operation, such as `GET /v1/leads`, and the right of each role."""

    heading: str
    operation: str
    rights: Mapping[str, Right]


@dataclass(frozen=True)
class Operation:
    """One operation of a service's OpenAPI document; `roles` is None where it authenticates in another way."""

    service: str
    name: str
    described: Mapping[str, Any]

    @property
    def roles(self) -> frozenset[str] | None:
        """The roles that the code lets in."""
        named = self.described.get("x-roles")
        return None if named is None else frozenset(named)


class UnreadableRow(Exception):
    """A line of the table that is none."""


def rows_of(page: str) -> list[Row]:
    """All rows of the page. Raises UnreadableRow for a line with other columns than its table or an unknown right."""
    heading, roles = "", tuple[str, ...]()
    found: list[Row] = []
    for line in page.splitlines():
        if line.startswith("## "):
            heading = line[3:]
        elif line.startswith("| operation"):
            roles = tuple(cell.strip() for cell in line.strip("|").split("|"))[1:-1]
        elif line.startswith("| `"):
            found.append(_row(line, heading=heading, roles=roles))
    return found


def _row(line: str, *, heading: str, roles: tuple[str, ...]) -> Row:
    match = _ROW.match(line)
    cells = [cell.strip() for cell in match["cells"].split("|")] if match else []
    if match is None or len(cells) != len(roles) + 1 or not set(cells[:-1]) <= set(get_args(Right)):
        raise UnreadableRow(line)
    rights = {role: cast("Right", cell) for role, cell in zip(roles, cells, strict=False)}
    return Row(heading=heading, operation=match["operation"], rights=rights)


def operations_of(service: str) -> list[Operation]:
    """The operations of a service's committed API document."""
    document = json.loads((CHECKOUT / "docs" / "api" / f"{service}.json").read_text(encoding="utf-8"))
    return [
        Operation(service=service, name=f"{verb.upper()} {path}", described=described)
        for path, verbs in document["paths"].items()
        for verb, described in verbs.items()
    ]


def rows_for(service: str, rows: list[Row]) -> dict[str, Row]:
    """The rows that concern a service, by operation."""
    return {row.operation: row for row in rows if row.heading in HEADINGS[service]}


def gaps(operations: list[Operation], rows: list[Row]) -> Iterator[str]:
    """What keeps the table from being the whole truth about these operations."""
    for operation in operations:
        found = [row for row in rows if row.operation == operation.name and row.heading in HEADINGS[operation.service]]
        where = " or ".join(f"`## {heading}`" for heading in HEADINGS[operation.service])
        if operation.roles is None:
            if found:
                yield f"{operation.service}: {operation.name} asks for no token, yet has a row"
        elif len(found) != 1:
            yield f"{operation.service}: {operation.name} has {len(found)} rows. {_HOW} {where}"
        elif (told := {role for role, right in found[0].rights.items() if right != REFUSED}) != operation.roles:
            yield f"{operation.service}: {operation.name} lets in {sorted(operation.roles)}, the table {sorted(told)}"
    known = {(heading, one.name) for one in operations for heading in HEADINGS[one.service]}
    for row in rows:
        if (row.heading, row.operation) not in known:
            yield f"{row.operation} under `## {row.heading}` is no operation"
