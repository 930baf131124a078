"""The OpenAPI document tells everything a caller needs, and a breaking difference is found."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter

from conveyor.kit.http.app import create_app
from conveyor.kit.openapi import dump, export
from conveyor.kit.openapi_breaks import breaking_differences
from tests.kit.sample_app import Issuer, keys_file, sample_app, sample_service

Json = dict[str, Any]


@pytest.fixture
def document(tmp_path: Path) -> Json:
    app = sample_app(sample_service(keys_file(tmp_path, Issuer())))
    export(app, tmp_path / "openapi.json")
    assert (tmp_path / "openapi.json").read_text(encoding="utf-8") == dump(app.openapi())
    return app.openapi()


def test_every_operation_declares_id_security_and_problems(document: Json) -> None:
    operations = [operation for path in document["paths"].values() for operation in path.values()]

    assert document["openapi"].startswith("3.1")
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for operation in operations:
        assert "security" in operation
        assert {"404", "422", "500", "503"} <= operation["responses"].keys()
        for status, answer in operation["responses"].items():
            if not status.startswith("2"):
                assert answer["content"]["application/problem+json"]["schema"]["$ref"].endswith("/Problem")
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_roles_and_revisions_are_declared(document: Json) -> None:
    recording = document["paths"]["/v1/parts"]["post"]
    assert recording["operationId"] == "parts_record_part"
    assert recording["x-roles"] == ["ae", "integration"]
    assert recording["security"] == [{"bearer": []}]
    assert {"401", "403"} <= recording["responses"].keys()
    assert {"412", "428"} <= document["paths"]["/v1/parts/{part_id}"]["put"]["responses"].keys()
    assert document["paths"]["/v1/anything"]["post"]["security"] == []


def test_where_a_key_makes_repetition_safe_is_declared(document: Json) -> None:
    def takes_key(method: str, path: str) -> bool:
        parameters = document["paths"][path][method].get("parameters", ())
        return "Idempotency-Key" in {parameter["name"] for parameter in parameters}

    assert takes_key("post", "/v1/parts")
    assert not takes_key("post", "/v1/anything")
    assert not takes_key("post", "/v1/messages/publications/list")
    assert not takes_key("put", "/v1/parts/{part_id}")


def test_two_operations_of_one_name_do_not_start(tmp_path: Path) -> None:
    first, second = APIRouter(tags=["parts"]), APIRouter(tags=["parts"])
    for router, path in ((first, "/a"), (second, "/b")):
        router.add_api_route(path, read_something)

    with pytest.raises(AssertionError, match="parts_read_something"):
        create_app(service=sample_service(keys_file(tmp_path, Issuer())), routers=[first, second])


async def read_something() -> None: ...


PART = ("components", "schemas", "PartIn")
ANSWER = ("components", "schemas", "PartOut")
POST = ("paths", "/v1/parts", "post")


def at(document: Json, *steps: str) -> Json:
    for step in steps:
        document = document[step]
    return document


BREAKS: list[tuple[str, Callable[[Json], object]]] = [
    ("removed", lambda d: d["paths"].pop("/v1/anything")),
    ("removed", lambda d: at(d, "paths", "/v1/parts/{part_id}").pop("put")),
    ("operationId changed", lambda d: at(d, *POST).update(operationId="other")),
    ("role ae", lambda d: at(d, *POST).update({"x-roles": ["integration"]})),
    ("201 removed", lambda d: at(d, *POST, "responses").pop("201")),
    (".actor removed", lambda d: at(d, *ANSWER, "properties").pop("actor")),
    ("no longer always", lambda d: at(d, *ANSWER)["required"].remove("actor")),
    ("type changed", lambda d: at(d, *ANSWER, "properties", "actor").update(type="integer")),
    ("format changed", lambda d: at(d, *ANSWER, "properties", "id").pop("format")),
    ("became required", lambda d: at(d, *PART)["required"].append("kind")),
    ("became required", lambda d: with_field(d, "colour", required=True)),
    (".kind removed", lambda d: at(d, *PART, "properties").pop("kind")),
    ("'nut' removed", lambda d: at(d, *PART, "properties", "kind").update(enum=["bolt"])),
    ("type changed", lambda d: at(d, *PART, "properties", "name").update(type="integer")),
    ("maxLength", lambda d: at(d, *PART, "properties", "name").update(maxLength=10)),
    ("pattern", lambda d: at(d, *PART, "properties", "name").update(pattern="^a$")),
    ("only listed", lambda d: at(d, *PART, "properties", "name").update(enum=["bolt"])),
    ("variant null", lambda d: at(d, *PART, "properties", "employee_id")["anyOf"].pop()),
    ("variant", lambda d: at(d, *PART, "properties", "employee_id")["anyOf"][0].update(format="email")),
    ("became required", lambda d: parameter(d, "state").update(required=True)),
    ("removed", lambda d: at(d, "paths", "/v1/parts/{part_id}", "get")["parameters"].remove(parameter(d, "state"))),
    ("media type", lambda d: at(d, *POST, "requestBody").update(content={"text/csv": {}})),
    ("no longer taken", lambda d: at(d, *POST).pop("requestBody")),
    ("unknown fields", lambda d: at(d, "components", "schemas", "Open").update(additionalProperties=False)),
]


@pytest.mark.parametrize(("words", "change"), BREAKS, ids=[f"{n}-{words}" for n, (words, _) in enumerate(BREAKS)])
def test_a_breaking_difference_is_named(document: Json, words: str, change: Callable[[Json], object]) -> None:
    document["components"]["schemas"]["Open"] = {"type": "object", "properties": {}}
    at(document, *PART, "properties")["open"] = {"$ref": "#/components/schemas/Open"}
    new = copy.deepcopy(document)
    change(new)

    found = breaking_differences(document, new)

    assert any(words in difference for difference in found), found


COMPATIBLE: list[Callable[[Json], object]] = [
    lambda d: d["paths"].update({"/v1/new": {"get": {}}}),
    lambda d: with_field(d, "colour", required=False),
    lambda d: at(d, *PART, "properties", "kind")["enum"].append("screw"),
    lambda d: at(d, *PART, "properties", "name").update(maxLength=1000),
    lambda d: at(d, *PART)["required"].remove("name"),
    lambda d: at(d, *ANSWER, "properties").update(colour={"type": "string"}),
    lambda d: at(d, *POST, "responses").update({"202": {}}),
    lambda d: at(d, *POST).update(description="said better", summary="too"),
    lambda d: at(d, *POST)["x-roles"].append("head"),
    lambda d: d,
]


@pytest.mark.parametrize("change", COMPATIBLE)
def test_an_addition_breaks_nobody(document: Json, change: Callable[[Json], object]) -> None:
    new = copy.deepcopy(document)
    change(new)

    assert breaking_differences(document, new) == []


def test_recursive_schemas_come_to_an_end() -> None:
    tree = {
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/T"}}},
    }
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/T"}}}}
    document = {"paths": {"/t": {"post": {"requestBody": body}}}, "components": {"schemas": {"T": tree}}}

    assert breaking_differences(document, copy.deepcopy(document)) == []


def with_field(document: Json, name: str, *, required: bool) -> None:
    part = at(document, *PART)
    part["properties"][name] = {"type": "string"}
    if required:
        part["required"].append(name)


def parameter(document: Json, name: str) -> Json:
    operation = at(document, "paths", "/v1/parts/{part_id}", "get")
    found: Json = next(each for each in operation["parameters"] if each["name"] == name)
    return found
