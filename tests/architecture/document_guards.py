"""Guards of documents: decisions name the check that holds them, pages name tests and files that exist."""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

_FILE = re.compile(r"`(?P<path>[\w./-]+\.(?:py|md|json|conf|yaml|toml|sql))`")
_LINK = re.compile(r"\]\((?P<path>[^)#:]+)(?:#[^)]*)?\)")
_TEST = re.compile(r"`(?P<path>tests/[\w./-]+\.py)::(?P<name>[\w:]+)`")
_HELD_BY = re.compile(r"^Held by: `?(?P<path>[^`\s]+)`?$")


def decisions_held_by_nothing(decisions: Path, checkout: Path) -> Iterator[str]:
    """The last line of every decision names an existing check."""
    for page in sorted(decisions.glob("*.md")):
        lines = page.read_text(encoding="utf-8").rstrip().splitlines()
        match = _HELD_BY.match(lines[-1]) if lines else None
        if match is None:
            yield f"{page.name}: the last line is not `Held by: <path>`"
        elif not (checkout / match["path"]).exists():
            yield f"{page.name}: {match['path']} does not exist"
        elif (checkout / match["path"]).is_dir() and not any((checkout / match["path"]).rglob("test_*.py")):
            yield f"{page.name}: {match['path']} holds no test"


def decisions_that_share_a_number(decisions: Path) -> Iterator[str]:
    """A decision is cited by its number: the one in its file's name, which its title repeats."""
    pages = sorted(decisions.glob("*.md"))
    counted = Counter(page.name[:4] for page in pages)
    for page in pages:
        number = page.name[:4]
        if counted[number] > 1:
            yield f"{page.name}: another decision has the number {number}"
        if not page.read_text(encoding="utf-8").startswith(f"# {number} "):
            yield f"{page.name}: the title does not begin with {number}"


def operations_without_a_name_of_their_own(document: Path) -> Iterator[str]:
    """Every operation of a committed API document has an id, and no two have the same."""
    operations = [
        (path, verb, operation.get("operationId"))
        for path, verbs in json.loads(document.read_text(encoding="utf-8"))["paths"].items()
        for verb, operation in verbs.items()
        if isinstance(operation, dict)
    ]
    counted = Counter(identity for _, _, identity in operations)
    for path, verb, identity in operations:
        if not identity or not re.fullmatch(r"[a-z0-9-]+_[a-z0-9_]+", identity):
            yield f"{document.name}: {verb.upper()} {path} has the operationId {identity!r}"
        elif counted[identity] > 1:
            yield f"{document.name}: {verb.upper()} {path} shares the operationId {identity}"


def names_of_files_that_do_not_exist(page: Path, checkout: Path, files: frozenset[str]) -> Iterator[str]:
    """A file that a page names, whole or by the end of its path, exists; so does what a relative link points to.

    `files` are the paths of the checkout. Names with a `<placeholder>` are no names of files.
    """
    text = page.read_text(encoding="utf-8")
    for match in _FILE.finditer(text):
        named = match["path"].removeprefix("./")
        if not any(path == named or path.endswith(f"/{named}") for path in files):
            yield f"{page.relative_to(checkout)}: there is no {named}"
    for match in _LINK.finditer(text):
        if not (page.parent / match["path"]).exists():
            yield f"{page.relative_to(checkout)}: the link to {match['path']} leads nowhere"


def names_of_tests_that_do_not_exist(page: Path, checkout: Path) -> Iterator[str]:
    """A test that a page names as `tests/<file>.py::name` (or `::Class::name`) is there."""
    for match in _TEST.finditer(page.read_text(encoding="utf-8")):
        if match["name"] not in _tests_in(checkout / match["path"]):
            yield f"{page.name}: there is no test {match['path']}::{match['name']}"


def rows_without_a_test(page: Path) -> Iterator[str]:
    """Every row of a table of claims names a test."""
    lines = page.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        is_head = lines[number : number + 1] and lines[number].startswith("|---")
        if line.startswith("|") and not line.startswith("|---") and not is_head and not _TEST.search(line):
            yield f"{page.name}:{number}: the row names no test"


def _tests_in(path: Path) -> set[str]:
    if not path.exists():
        return set()
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    names: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}::{item.name}" for item in node.body if isinstance(item, functions)}
        elif isinstance(node, functions):
            names.add(node.name)
    return names
