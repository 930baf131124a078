"""Guards of shape: how long, how named, what words. Each takes one source and names its offences."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from tests.architecture.sources import Source

FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 60
FORBIDDEN_NAMES = frozenset(
    {"utils", "util", "helpers", "helper", "common", "base", "manager", "managers", "misc", "core", "service", "shared"}
)
# The kit's one `Service` is what the file is about; the top folder is named by the design.
NAMED_BY_THE_DESIGN = frozenset({"shared", "shared/conveyor/kit/service.py"})
BUSINESS_WORDS = frozenset(
    {
        *("lead", "leads", "deal", "deals", "handoff", "handoffs", "bonus", "bonuses", "payment", "payments"),
        *("meeting", "meetings", "refund", "refunds", "payroll", "touches", "proposal", "proposals"),
        *("gatekeeper", "sdr", "ae"),
    }
)
# The kit knows the roles of a token by name, as it knows HTTP methods: they come from the issuer.
ROLE_WORDS = frozenset({"sdr", "ae", "payroll"})
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def too_long(source: Source) -> Iterator[str]:
    """Files aim at 200 lines, 300 at most; tests too."""
    lines = source.text.count("\n")
    if lines > FILE_LINES_MAX:
        yield source.at(FILE_LINES_MAX, f"{lines} lines; at most {FILE_LINES_MAX}")


def too_long_functions(source: Source) -> Iterator[str]:
    """Functions aim at 20 lines, 60 at most."""
    if source.is_python:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES_MAX and not _is_migration(source):
                    yield source.at(node.lineno, f"{node.name} has {lines} lines; at most {FUNCTION_LINES_MAX}")


def _is_migration(source: Source) -> bool:
    """A first migration spells out all tables of its room; its length says nothing."""
    return "migrations/versions" in str(source.path)


def forbidden_names(source: Source) -> Iterator[str]:
    """A file or folder is named by a business noun, a role or a verb, never by having no better name."""
    for place in (source.path, *source.path.parents):
        if place.stem in FORBIDDEN_NAMES and str(place) not in NAMED_BY_THE_DESIGN:
            yield source.at(1, f"`{place.stem}` says nothing; name it by what it is for")


def business_words_in_kit(source: Source) -> Iterator[str]:
    """The kit says how a service is built; what the business is about stays out of it."""
    if not (source.is_python and source.lies_in("shared/conveyor/kit")):
        return
    allowed = ROLE_WORDS if source.lies_in("shared/conveyor/kit/http") else frozenset()
    docstrings = {node.lineno for node in _docstrings(source.tree)}
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        spoken = token.type == tokenize.NAME or (token.type == tokenize.STRING and token.start[0] not in docstrings)
        if spoken:
            words = {word.lower() for word in _WORD.findall(token.string)}
            for word in sorted(words & BUSINESS_WORDS - allowed):
                yield source.at(token.start[0], f"business word `{word}` in the kit")


def _docstrings(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value


# The last letters stand in brackets so that this file does not name itself.
_UNFINISHED = re.compile(r"\b(?:TOD[O]|FIXM[E])\b")
_BARE_NOQA = re.compile(r"#\s*noq[a](?!: [A-Z]+\d+(?:, ?[A-Z]+\d+)* - \S)")
_BARE_IGNORE = re.compile(r"#\s*type:\s*ignor[e](?!\[[a-z-]+(?:, ?[a-z-]+)*\]  ?# \S)")
_FOREIGN_PLACE = re.compile(r"(?:^|[\s\"'=(:])/(?:root|work|home/\w+|opt/pyp[i])/|pyp[i]\.org|pythonhoste[d]")


def unfinished_or_unexplained(source: Source) -> Iterator[str]:
    """Nothing is left for later; every exception to a check carries its code and its reason on the line."""
    for number, line in enumerate(source.text.splitlines(), start=1):
        if _UNFINISHED.search(line):
            yield source.at(number, "something left for later")
        if _BARE_NOQA.search(line) or _BARE_IGNORE.search(line):
            yield source.at(number, "a check is switched off without code and reason")
        if _FOREIGN_PLACE.search(line):
            yield source.at(number, "a path of one machine, or the host of a registry")


def skipped_tests(source: Source) -> Iterator[str]:
    """A test runs or is not there."""
    if source.is_test and source.is_python and not source.lies_in("tests/architecture"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute) and node.attr in {"skip", "skipif", "importorskip", "xfail"}:
                yield source.at(node.lineno, f"pytest.{node.attr}")
