"""What `make security` writes into docs/security.md: a row for each file of tests, one for each long run of fuzz.

A run fills in its own rows and leaves the others as they are.
"""

import ast
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.security.access_table import CHECKOUT

LONG = "test_half_a_minute_as_every_role"
_HEADS = {
    "files": "| tests | what is tried | outcome |\n|---|---|---|\n",
    "fuzz": "| service | role | requests | outcome |\n|---|---|---|---|\n",
}


@dataclass(frozen=True, slots=True)
class Tried:
    """One test: its file as a path, its name with the case in brackets; `requests` where it counted some."""

    file: str
    name: str
    held: bool
    seconds: float
    requests: str = ""


def tried_in(results: str) -> Iterator[Tried]:
    """What pytest told in its XML."""
    for case in ET.fromstring(results).iter("testcase"):  # noqa: S314 - written by our own pytest
        held = not any(case.find(outcome) is not None for outcome in ("failure", "error"))
        told = {one.get("name"): one.get("value", "") for one in case.iter("property")}
        # What keeps a file from being collected stands under the file's own name.
        module = (case.get("classname") or case.get("name") or "").partition(".Test")[0]
        path = f"{module.replace('.', '/')}.py"
        yield Tried(path, case.get("name", ""), held, float(case.get("time", 0)), told.get("requests", ""))


def with_results(page: str, tried: Sequence[Tried]) -> str:
    """The page with the rows of these tests."""
    fuzzed = [one for one in tried if one.name.startswith(LONG)]
    others = [one for one in tried if not one.name.startswith(LONG)]
    page = _with_rows(page, "files", {f"| `{path}` |": row for path, row in _rows_of_files(others)})
    return _with_rows(page, "fuzz", dict(map(_row_of_fuzz, fuzzed)))


def summary_of(tried: Sequence[Tried]) -> str:
    """One line for the terminal, and the names of what does not hold."""
    broken = [f"  NOT HELD: {one.file}::{one.name}" for one in tried if not one.held]
    return "\n".join([f"{len(tried) - len(broken)} of {len(tried)} tests hold; docs/security.md is written.", *broken])


def _rows_of_files(tried: Sequence[Tried]) -> Iterator[tuple[str, str]]:
    for path in sorted({one.file for one in tried}):
        own = [one for one in tried if one.file == path]
        broken = [one.name for one in own if not one.held]
        outcome = f"NOT HELD: {', '.join(broken)}" if broken else "held"
        counted = f"{len(own)} tests, {sum(one.seconds for one in own):.0f} s"
        yield path, f"| `{path}` | {_headline(CHECKOUT / path)} | {outcome} ({counted}) |\n"


def _row_of_fuzz(one: Tried) -> tuple[str, str]:
    service, _, role = one.name.partition("[")[2].removesuffix("]").rpartition("-")
    start = f"| {service} | {role} |"
    return start, f"{start} {one.requests} | {'held' if one.held else 'NOT HELD'} |\n"


def _headline(path: Path) -> str:
    if not path.exists():
        return ""
    told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return told.partition("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def _with_rows(page: str, name: str, rows: dict[str, str]) -> str:
    before, begin, rest = page.partition(f"<!-- {name} -->\n")
    old, end, after = rest.partition(f"<!-- end of {name} -->")
    if not begin or not end:
        msg = f"no place for {name} in docs/security.md"
        raise ValueError(msg)
    kept = [row for row in old.splitlines(keepends=True)[2:] if not row.startswith(tuple(rows))]
    return before + begin + _HEADS[name] + "".join(sorted([*kept, *rows.values()])) + end + after


def with_verdict(page: str, verdict: str) -> str:
    """The page with what was told about known vulnerabilities."""
    before, begin, rest = page.partition("<!-- advisories -->\n")
    _, end, after = rest.partition("<!-- end of advisories -->")
    return before + begin + verdict + "\n" + end + after
