"""Bodies as trees of dicts, lists and scalars: PHP-style forms (`leads[add][0][id]=5`) and JSON."""

import json
from typing import Any
from urllib.parse import parse_qsl

from conveyor.kit.http.strict_json import JsonRefused, read_json
from conveyor.kit.refusals import FieldError
from handoff_bus.sources.kinds.kind import UnreadableDelivery

FIELDS_MAX = 5000
DEPTH_MAX = 16
Tree = dict[str, Any]


def json_of(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    """The JSON of a body; ambiguous JSON is refused. Raises UnreadableDelivery."""
    try:
        return read_json(body)
    except JsonRefused as refused:
        raise UnreadableDelivery(errors=refused.errors) from None


def canonical(value: Any) -> bytes:  # noqa: ANN401 - any JSON
    """One way to write a JSON value, to be hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def form_of(body: bytes) -> Tree:
    """A form, its bracketed names made a tree; lists are dicts with the keys "0", "1". Raises UnreadableDelivery."""
    tree: Tree = {}
    for name, value in pairs_of(body):
        _put(tree, _steps(name), value)
    return tree


def pairs_of(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form in their order; bytes that are no UTF-8 are replaced. Raises UnreadableDelivery."""
    try:
        return parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace", max_num_fields=FIELDS_MAX
        )
    except ValueError:
        raise unreadable("", f"must be a form of at most {FIELDS_MAX} fields") from None


def tree_of(body: bytes) -> Tree:
    """A JSON object or a form, whichever the body is: what is printed as JSON in manuals is often sent as a form."""
    if body.lstrip()[:1] == b"{":
        found = json_of(body)
        if isinstance(found, dict):
            return found
    return form_of(body)


def items_of(node: Any) -> list[Any]:  # noqa: ANN401 - any part of a tree
    """The elements of a list, of a form's numbered dict, or the one thing that stands where a list could."""
    if isinstance(node, list):
        return node
    if isinstance(node, dict):
        if node and all(name.isdigit() for name in node):
            return list(node.values())
        return [node] if node else []
    return []


def at(tree: Any, *steps: str) -> Any:  # noqa: ANN401 - any part of a tree
    """What stands at a place, or None; a step into a list is its index."""
    for step in steps:
        if isinstance(tree, dict):
            tree = tree.get(step)
        elif isinstance(tree, list) and step.isascii() and step.isdigit() and len(step) < 7 and int(step) < len(tree):
            tree = tree[int(step)]
        else:
            return None
    return tree


def text_at(tree: Any, *steps: str) -> str:  # noqa: ANN401 - any part of a tree
    """The scalar at a place as text; empty when there is none."""
    found = at(tree, *steps)
    if isinstance(found, bool) or found is None:
        return "" if found is None else str(found).lower()
    return str(found) if isinstance(found, str | int | float) else ""


def unreadable(pointer: str, message: str) -> UnreadableDelivery:
    """The refusal of one field."""
    return UnreadableDelivery(errors=[FieldError(pointer, message)])


def _steps(name: str) -> list[str]:
    head, *rest = name.split("[", DEPTH_MAX)
    return [head, *(part.removesuffix("]") for part in rest)]


def _put(tree: Tree, steps: list[str], value: str) -> None:
    for step in steps[:-1]:
        below = tree.setdefault(step or str(len(tree)), {})
        if not isinstance(below, dict):
            return
        tree = below
    tree[steps[-1] or str(len(tree))] = value
