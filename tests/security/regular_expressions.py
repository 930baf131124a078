"""Every regular expression of the product, found in its source, and strings that would make a bad one slow."""

import ast
import importlib
import itertools
import re
import re._constants as kinds  # type: ignore[import-not-found] # the standard library's own parser has no types
import re._parser as parser  # type: ignore[import-not-found] # the same
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from tests.security.access_table import CHECKOUT

ROOTS = ("shared", *(f"services/{name}" for name in ("telemarketing", "closing", "account", "handoff-bus")), ".")
PACKAGES = ("conveyor", "telemarketing", "closing", "account", "handoff_bus", "verifier")
# Patterns that are put together while the product runs: what they may become.
BUILT_LATER = {
    "services/handoff-bus/handoff_bus/sources/kinds/asterisk/parse.py": (r"[0-9]{1,10}", r"(?!)"),
    "shared/conveyor/bonuses/explanations/changes.py": (),  # in a table of its module, looked at there
}
_FUNCTIONS = ("compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
_REPEATS = {kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT}
_OF_CATEGORY = {kinds.CATEGORY_DIGIT: "1", kinds.CATEGORY_SPACE: " "}
_CALLED = re.compile(rf"\b(?!re\.)(\w+)\.({'|'.join(_FUNCTIONS)})\(")


@dataclass(frozen=True)
class Expression:
    """One pattern: where it stands, how it is used, and by whose engine."""

    place: str
    pattern: str | bytes
    flags: int
    uses: frozenset[str]
    engine: Literal["re", "pydantic"]


class NotReadable(Exception):
    """A pattern that is not known before the product runs; name what it may become in BUILT_LATER."""


def all_expressions() -> list[Expression]:
    """What the whole product uses. Raises NotReadable."""
    found: list[Expression] = []
    for path, root in product_files():
        source = path.read_text(encoding="utf-8")
        # Not every file can be imported by itself.
        if re.search(r"\bre\.", source) or "pattern=" in source:
            module = importlib.import_module(".".join(path.relative_to(root).with_suffix("").parts))
            found += expressions_of(source, vars(module), place=str(path.relative_to(CHECKOUT)))
    return list(dict.fromkeys(found))


@cache
def product_files() -> tuple[tuple[Path, Path], ...]:
    """Each source file, and the folder that its imports begin in."""
    trees = [(CHECKOUT / root, package) for root in ROOTS for package in PACKAGES]
    return tuple((path, root) for root, package in trees for path in sorted((root / package).rglob("*.py")))


def expressions_of(source: str, names: dict[str, Any], *, place: str) -> Iterator[Expression]:
    """Those of one file whose module has these names. Raises NotReadable."""
    tree = ast.parse(source)
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        for argument, function in _patterns_in(call):
            flags = _flags(call, names) if function else 0
            uses = _uses(tree, call, source) if function == "compile" else frozenset({function})
            engine: Literal["re", "pydantic"] = "re" if function else "pydantic"
            for pattern in _values(argument, names, place):
                yield Expression(f"{place}:{call.lineno}", pattern, flags, uses, engine)


def _patterns_in(call: ast.Call) -> Iterator[tuple[ast.expr, str]]:
    """The pattern and the function of `re` that it is given to; no function where it is a term of a model."""
    function = call.func
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "re":
        if function.attr in _FUNCTIONS:
            yield call.args[0], function.attr
    else:
        yield from ((one.value, "") for one in call.keywords if one.arg == "pattern")


def _values(argument: ast.expr, names: dict[str, Any], place: str) -> tuple[str | bytes, ...]:
    try:
        value = eval(compile(ast.Expression(argument), place, "eval"), dict(names))  # noqa: S307 - our own source
    except NameError:
        if place not in BUILT_LATER:
            msg = f"{place}:{argument.lineno}"
            raise NotReadable(msg) from None
        return BUILT_LATER[place] or tuple(_kept_in(list(names.values())))
    return (value,)


def _kept_in(values: Sequence[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, re.Pattern):
            yield value.pattern
        elif isinstance(value, tuple | list):
            yield from _kept_in(value)


def _flags(call: ast.Call, names: dict[str, Any]) -> int:
    given = [one for one in (*call.args[1:], *(term.value for term in call.keywords)) if "re." in ast.unparse(one)]
    return sum(int(eval(ast.unparse(one), dict(names))) for one in given)  # noqa: S307 - our own source


def _uses(tree: ast.Module, call: ast.Call, source: str) -> frozenset[str]:
    """By which methods a compiled pattern is used: those called on its name, else on any name of its file."""
    names = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and node.value is call
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    used = {use for name in names for use in _methods().get(name, ())}
    return frozenset(used or {method for _, method in _CALLED.findall(source)})


@cache
def _methods() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path, _ in product_files():
        for name, method in _CALLED.findall(path.read_text(encoding="utf-8")):
            found.setdefault(name, set()).add(method)
    return found


def hostile(pattern: str | bytes, flags: int, *, length: int) -> Iterator[str]:
    """Strings of about `length` characters: what each repetition takes, over and over, then what it does not take."""
    text = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
    pumps = set()
    for before, body in _repetitions(list(parser.parse(text, flags & ~re.UNICODE)), ""):
        pumps |= {(before, body), ("", body), (before, body[:1]), ("", before + body)}
    pumps |= {("", "".join(pair)) for pair in itertools.product("0a .-", repeat=2)}
    for before, body in sorted(pumps):
        if body:
            yield from (before + body * (length // len(body)) + after for after in ("", "\x01", "\n!"))


def _repetitions(nodes: Sequence[Any], before: str) -> Iterator[tuple[str, str]]:
    """For each repetition: a text that leads to it, and a text of its body."""
    for kind, value in nodes:
        if kind in _REPEATS:
            for choice in (0, 1):
                yield before, _example([*value[2]], choice)
            yield from _repetitions([*value[2]], before)
        elif kind is kinds.SUBPATTERN:
            yield from _repetitions([*value[3]], before)
        elif kind is kinds.BRANCH:
            for branch in value[1]:
                yield from _repetitions([*branch], before)
        before += _example([(kind, value)], 0)


def _example(nodes: Sequence[Any], choice: int) -> str:
    """A text that these nodes take; of alternatives the first, or another one."""
    return "".join(_of_node(kind, value, choice) for kind, value in nodes)


def _of_node(kind: Any, value: Any, choice: int) -> str:
    if kind in _REPEATS:
        return _example([*value[2]], choice) * max(1, min(int(value[0]), 64))
    if kind is kinds.BRANCH:
        return _example([*value[1][choice % len(value[1])]], choice)
    if kind is kinds.SUBPATTERN:
        return _example([*value[3]], choice)
    if kind is kinds.IN:
        return _of_class(value, choice)
    if kind is kinds.LITERAL:
        return chr(value)
    return "x" if kind in {kinds.ANY, kinds.NOT_LITERAL} else ""


def _of_class(members: Sequence[Any], choice: int) -> str:
    if members[0][0] is kinds.NEGATE:
        refused = {chr(value) for kind, value in members[1:] if kind is kinds.LITERAL}
        return next(one for one in "azAZ09 -_.,;<&" if one not in refused)
    kind, value = members[choice % len(members)]
    if kind is kinds.RANGE:
        return chr(value[0])
    return chr(value) if kind is kinds.LITERAL else _OF_CATEGORY.get(value, "w")
