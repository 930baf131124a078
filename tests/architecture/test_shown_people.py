"""An operation that answers with people's data says so, so that the reading is written down."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.security.access_table import CHECKOUT, SERVICES

Json = dict[str, Any]
# Fields by which a person is known or heard.
PERSONAL = frozenset({"phone", "email", "contacts", "full_name", "recording_url", "body"})
# A script for calls has a body too, and whose book moves is said by ids.
IMPERSONAL_SCHEMAS = frozenset({"ScriptView"})


def offences(document: Json) -> Iterator[str]:
    """Operations that only read, show such fields and do not say so."""
    for path, methods in document["paths"].items():
        operation = methods.get("get")
        if operation is None or "x-shows-people" in operation:
            continue
        answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
        shown = PERSONAL & set(_fields(answer, document.get("components", {}).get("schemas", {}), set()))
        if shown:
            yield f"GET {path} shows {', '.join(sorted(shown))}: add shows_people(…) to its route"


def _fields(schema: Any, schemas: Json, seen: set[str]) -> Iterator[str]:
    if isinstance(schema, list):
        for each in schema:
            yield from _fields(each, schemas, seen)
    elif isinstance(schema, dict):
        yield from schema.get("properties", {})
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        if name and name not in seen | IMPERSONAL_SCHEMAS:
            seen.add(name)
            yield from _fields(schemas.get(name, {}), schemas, seen)
        for value in schema.values():
            yield from _fields(value, schemas, seen)


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_that_shows_people_says_so(service: str) -> None:
    document = json.loads((CHECKOUT / "docs" / "api" / f"{service}.json").read_text(encoding="utf-8"))

    found = list(offences(document))

    assert not found, "\n".join(found)


@pytest.mark.parametrize(("said", "count"), [({}, 1), ({"x-shows-people": "lead"}, 0)])
def test_the_guard_finds_a_phone_deep_in_an_answer(said: Json, count: int) -> None:
    page = {"properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Lead"}}}}
    answer = {"200": {"content": {"application/json": {"schema": page}}}}
    lead = {"properties": {"contact": {"properties": {"phone": {"type": "string"}}}}}
    document = {"paths": {"/x": {"get": {"responses": answer, **said}}}, "components": {"schemas": {"Lead": lead}}}

    assert len(list(offences(document))) == count
