"""Guards of the way a write and a read go, of time, money and purity. Each takes one source and names its offences."""

import ast
from collections.abc import Iterator

from tests.architecture.sources import Source

FEATURES = ("services", "shared/conveyor/bonuses", "shared/conveyor/handoffs", "shared/conveyor/roster")
NO_COMMIT_IN = frozenset({"api", "queries", "rules", "listeners", "tables", "models"})
MONEY_PLACES = ("shared/conveyor/bonuses", "shared/conveyor/payroll_file", "shared/conveyor/kit/money.py")
PURE_PLACES = ("shared/conveyor/bonuses/engine", "shared/conveyor/kit/money.py", "shared/conveyor/kit/calendar.py")
IO_LIBRARIES = frozenset(
    {
        *("sqlalchemy", "asyncpg", "alembic", "fastapi", "starlette", "uvicorn", "nats", "httpx2", "httpx"),
        *("structlog", "asyncio", "threading", "socket", "subprocess", "os", "pathlib", "time", "random"),
    }
)
CLOCK_READERS = frozenset(
    {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns", "time.localtime"}
)
MAY_READ_THE_CLOCK = ("shared/conveyor/kit/clock.py", "deploy/local", "deploy/asterisk", "tests")
COMPOSITION = frozenset({"main", "room", "stage", "__init__"})
RANKS = {"rules": 0, "tables": 1, "queries": 2, "api": 4, "listeners": 4}


def commits_out_of_place(source: Source) -> Iterator[str]:
    """One action, one file, one transaction, its commit in sight; never at the edge, in a read or in a rule."""
    if source.is_python and source.lies_in(*FEATURES) and source.path.stem in NO_COMMIT_IN:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
                yield source.at(node.lineno, f"commit in {source.path.name}; it belongs into the action's file")


def clock_readers(source: Source) -> Iterator[str]:
    """Only kit/clock.py reads the machine's clock; everything else is given `now`."""
    if source.is_python and not source.lies_in(*MAY_READ_THE_CLOCK):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
                owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
                if f"{owner}.{node.attr}" in CLOCK_READERS:
                    yield source.at(node.lineno, f"{owner}.{node.attr}; take the time from conveyor.kit.clock")
        for line, name in source.imports():
            if name in {"time.time", "time.time_ns"}:
                yield source.at(line, f"{name}; take the time from conveyor.kit.clock")


def floats_near_money(source: Source) -> Iterator[str]:
    """Money is integer minor units and rates are exact: no float is named or written where pay is computed."""
    if not (source.is_python and source.lies_in(*MONEY_PLACES)):
        return
    strict = source.lies_in(*PURE_PLACES)
    waits = {id(annotation) for annotation in _annotations_of_waits(source.tree)}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and node.id == "float" and id(node) not in waits:
            yield source.at(node.lineno, "float where pay is computed")
        elif strict and isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield source.at(node.lineno, f"the float {node.value} where pay is computed")


def _annotations_of_waits(tree: ast.Module) -> Iterator[ast.expr | None]:
    """How long to wait may be a float: `seconds: float`."""
    for node in ast.walk(tree):
        match node:
            case ast.arg() if "seconds" in node.arg:
                yield node.annotation
            case ast.AnnAssign() if "seconds" in ast.unparse(node.target).lower():
                yield node.annotation
            case _:
                pass


def impure_rules(source: Source) -> Iterator[str]:
    """rules.py and the engine decide: no input, no output, no clock, no framework."""
    if not source.is_python or source.is_test:
        return
    if source.path.stem == "rules" or source.lies_in(*PURE_PLACES):
        for line, name in source.imports():
            if name.split(".")[0] in IO_LIBRARIES or ".tables" in name or ".queries" in name:
                yield source.at(line, f"a pure file imports {name}")
        for node in ast.walk(source.tree):
            if isinstance(node, ast.AsyncFunctionDef | ast.Await):
                yield source.at(node.lineno, "a pure file waits for something")


def against_the_layers(source: Source) -> Iterator[str]:
    """In a feature: api | listeners → actions → queries → tables → rules; only compositions put edges together."""
    if not (source.is_python and source.lies_in(*FEATURES)) or "migrations" in source.path.parts:
        return
    own = RANKS.get(source.path.stem, 3)
    for line, name in source.imports():
        parts = name.split(".")
        rank = RANKS.get(parts[-1])
        ours = parts[0] == "conveyor" or parts[0] in source.path.parts
        if rank is None or not ours or parts[:2] == ["conveyor", "kit"] or source.path.stem in COMPOSITION:
            continue
        if rank > own and (rank == 4 or source.path.stem in RANKS):
            yield source.at(line, f"{source.path.name} imports {name}, which stands above it")


def retired_libraries(source: Source) -> Iterator[str]:
    """The HTTP client is httpx2 (docs/decisions/0005)."""
    if source.is_python:
        for line, name in source.imports():
            if name.split(".")[0] in {"httpx", "requests", "aiohttp"}:
                yield source.at(line, f"{name}; the HTTP client here is httpx2")
