"""Differences between two OpenAPI documents that would break a caller of the older one.

Compatible: new operations, new optional request fields and parameters, new answer fields, more answers, looser request
constraints, more values of an enum (they are documented as open-ended). What a caller sends may become freer, what he
gets may become richer; never the reverse.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

Json = dict[str, Any]
Direction = Literal["request", "answer"]

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
# Constraints by whether a greater number is stricter.
_LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")


def breaking_differences(old: Json, new: Json) -> list[str]:
    """Each breaking difference as one sentence that begins with the operation; empty when `new` is compatible."""
    return [*_Comparison(old=old, new=new).paths()]


@dataclass(frozen=True)
class _Comparison:
    old: Json
    new: Json

    def paths(self) -> Iterator[str]:
        for path, operations in self.old.get("paths", {}).items():
            renewed = self.new.get("paths", {}).get(path)
            if renewed is None:
                yield f"{path}: removed"
                continue
            for method in METHODS:
                if method in operations and method not in renewed:
                    yield f"{method.upper()} {path}: removed"
                elif method in operations:
                    yield from self.operation(f"{method.upper()} {path}", operations[method], renewed[method])

    def operation(self, where: str, old: Json, new: Json) -> Iterator[str]:
        if old.get("operationId") != new.get("operationId"):
            yield f"{where}: operationId changed"
        roles: list[str] = old.get("x-roles", [])
        lost = set(roles) - set(new.get("x-roles", roles))
        yield from (f"{where}: role {role} is no longer let in" for role in sorted(lost))
        yield from self.parameters(where, old, new)
        yield from self.body(where, old.get("requestBody"), new.get("requestBody"))
        yield from self.answers(where, old.get("responses", {}), new.get("responses", {}))

    def parameters(self, where: str, old: Json, new: Json) -> Iterator[str]:
        before = {(each["in"], each["name"]): each for each in old.get("parameters", ())}
        after = {(each["in"], each["name"]): each for each in new.get("parameters", ())}
        for key, parameter in after.items():
            label = f"{where}: {key[0]} parameter {key[1]}"
            earlier = before.get(key)
            if parameter.get("required") and not (earlier or {}).get("required"):
                yield f"{label} became required"
            if earlier is not None:
                yield from self.schema(label, earlier.get("schema", {}), parameter.get("schema", {}), "request", ())
        yield from (f"{where}: {key[0]} parameter {key[1]} removed" for key in before if key not in after)

    def body(self, where: str, old: Json | None, new: Json | None) -> Iterator[str]:
        if new is None:
            if old is not None:
                yield f"{where}: the request body is no longer taken"
            return
        if new.get("required") and not (old or {}).get("required"):
            yield f"{where}: the request body became required"
        if old is not None:
            yield from self.content(f"{where}: body", old.get("content", {}), new.get("content", {}), "request")

    def answers(self, where: str, old: Json, new: Json) -> Iterator[str]:
        for status, answer in old.items():
            if status in new:
                yield from self.content(
                    f"{where}: answer {status}", answer.get("content", {}), new[status].get("content", {}), "answer"
                )
            elif status.startswith("2"):
                yield f"{where}: answer {status} removed"

    def content(self, where: str, old: Json, new: Json, direction: Direction) -> Iterator[str]:
        for media_type, body in old.items():
            if media_type not in new:
                yield f"{where}: media type {media_type} removed"
            else:
                yield from self.schema(where, body.get("schema", {}), new[media_type].get("schema", {}), direction, ())

    def schema(
        self, where: str, old: Json, new: Json, direction: Direction, seen: tuple[tuple[str, str], ...]
    ) -> Iterator[str]:
        refs = (str(old.get("$ref", "")), str(new.get("$ref", "")))
        if refs[0] and refs in seen:
            return
        seen = (*seen, refs)
        old, new = _resolved(self.old, old), _resolved(self.new, new)
        variants = _variants(old), _variants(new)
        if variants[0] or variants[1]:
            yield from self.variants(where, variants[0] or [old], variants[1] or [new], direction, seen)
            return
        yield from _type_differences(where, old, new, direction)
        yield from _enum_differences(where, old, new, direction)
        if direction == "request":
            yield from _stricter_constraints(where, old, new)
        yield from self.fields(where, old, new, direction, seen)
        if "items" in old and "items" in new:
            yield from self.schema(f"{where}[]", old["items"], new["items"], direction, seen)

    def fields(
        self, where: str, old: Json, new: Json, direction: Direction, seen: tuple[tuple[str, str], ...]
    ) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        required_before, required_after = set(old.get("required", ())), set(new.get("required", ()))
        yield from (f"{where}.{name} removed" for name in before if name not in after)
        if direction == "request":
            yield from (f"{where}.{name} became required" for name in sorted(required_after - required_before))
        else:
            # A field that may now be absent breaks those who always read it.
            gone = sorted(name for name in required_before - required_after if name in after)
            yield from (f"{where}.{name} is no longer always there" for name in gone)
        for name in before:
            if name in after:
                yield from self.schema(f"{where}.{name}", before[name], after[name], direction, seen)

    def variants(
        self, where: str, old: list[Json], new: list[Json], direction: Direction, seen: tuple[tuple[str, str], ...]
    ) -> Iterator[str]:
        """Requests: every old variant must still be taken. Answers: every new variant must have been known."""
        needed, offered = (old, new) if direction == "request" else (new, old)
        for variant in needed:
            if not any(self.fits(variant, candidate, direction, seen) for candidate in offered):
                name = variant.get("$ref", "").rpartition("/")[2] or variant.get("type", "?")
                yield f"{where}: variant {name} {'is no longer taken' if direction == 'request' else 'is new'}"

    def fits(self, variant: Json, candidate: Json, direction: Direction, seen: tuple[tuple[str, str], ...]) -> bool:
        pair = (variant, candidate) if direction == "request" else (candidate, variant)
        return not any(self.schema("", *pair, direction, seen))


def _resolved(document: Json, schema: Json) -> Json:
    for _ in range(10):
        reference = schema.get("$ref")
        if reference is None:
            return schema
        node: Any = document
        for step in str(reference).removeprefix("#/").split("/"):
            node = node[step]
        schema = node
    return schema


def _variants(schema: Json) -> list[Json]:
    return [*schema.get("anyOf", ()), *schema.get("oneOf", ())]


def _types(schema: Json) -> set[str]:
    kind = schema.get("type", ())
    return {kind} if isinstance(kind, str) else set(kind)


def _type_differences(where: str, old: Json, new: Json, direction: Direction) -> Iterator[str]:
    before, after = _types(old), _types(new)
    # No type at all means anything: wider than every type.
    narrower, wider = (before, after) if direction == "request" else (after, before)
    if wider and (not narrower or not narrower <= wider | ({"integer"} if "number" in wider else set())):
        yield f"{where}: type changed from {_named(before)} to {_named(after)}"
    elif before and after and old.get("format") != new.get("format"):
        yield f"{where}: format changed from {old.get('format')} to {new.get('format')}"


def _named(types: set[str]) -> str:
    return "|".join(sorted(types)) or "anything"


def _enum_differences(where: str, old: Json, new: Json, direction: Direction) -> Iterator[str]:
    before, after = _values(old), _values(new)
    if direction == "request" and after is not None:
        if before is None:
            yield f"{where}: only listed values are taken now"
        else:
            yield from (f"{where}: value {value} removed" for value in sorted(before - after))
    if direction == "answer" and before is not None and after is not None:
        yield from (f"{where}: value {value} removed" for value in sorted(before - after))


def _values(schema: Json) -> set[str] | None:
    if "const" in schema:
        return {repr(schema["const"])}
    return {repr(value) for value in schema["enum"]} if "enum" in schema else None


def _stricter_constraints(where: str, old: Json, new: Json) -> Iterator[str]:
    for name in _LOWER_BOUNDS:
        if name in new and new[name] > old.get(name, float("-inf")):
            yield f"{where}: {name} became stricter"
    for name in _UPPER_BOUNDS:
        if name in new and new[name] < old.get(name, float("inf")):
            yield f"{where}: {name} became stricter"
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"{where}: pattern changed"
    if new.get("additionalProperties") is False and old.get("additionalProperties", True) is not False:
        yield f"{where}: unknown fields are no longer taken"
