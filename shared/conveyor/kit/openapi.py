"""OpenAPI documents: made from an application, kept in git, compared for differences that would break a caller."""

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from conveyor.kit.http.idempotency import HEADER_DESCRIBED, SAFE_TO_REPEAT
from conveyor.kit.http.problems import Problem
from conveyor.kit.http.routing import roles_of, shown_by

Json = dict[str, Any]


def document_of(app: FastAPI) -> Json:
    """The document of `app`: with the schema of problems, and per operation its roles and whom it shows.

    `x-roles` are let in; a read of somebody named by `x-shows-people` is written down.
    """
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, openapi_version="3.1.0"
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                operation = document["paths"][route.path_format][method.lower()]
                roles = roles_of(route.dependant)
                shows = shown_by(route.dependant)
                if shows is not None:
                    operation["x-shows-people"] = shows.subject
                if roles is not None:
                    operation["x-roles"] = [*roles]
                    if method == "POST" and not SAFE_TO_REPEAT.items() <= operation.items():
                        _declare_key(operation)
                else:
                    operation["security"] = []
    return document


def _declare_key(operation: Json) -> None:
    """Say that a caller with a token may send an Idempotency-Key, where the route does not say itself that he must."""
    parameters = operation.setdefault("parameters", [])
    if not any(one["name"] == HEADER_DESCRIBED["name"] for one in parameters):
        parameters.append(HEADER_DESCRIBED)


def dump(document: Json) -> str:
    """The stable form that is committed."""
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def export(app: FastAPI, path: Path) -> None:
    """Write the application's document."""
    path.write_text(dump(app.openapi()), encoding="utf-8")
