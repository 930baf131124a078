"""For each kind of source an empty route that only validates the same body, the way one writes it with FastAPI.

Its model has the keys and types of one delivery of that kind: JSON and forms are validated by FastAPI itself, XML and
CSV, for which it has no body, by the route. A proof is not looked at, and nothing is kept.
"""

import csv
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import Annotated, Any
from urllib.parse import parse_qsl

from defusedxml.ElementTree import fromstring
from fastapi import Body, FastAPI, Form, Request
from fastapi.exceptions import RequestValidationError
from pydantic import AwareDatetime, BaseModel, Field, Json, TypeAdapter, ValidationError, create_model

from bench.senders.every_kind import SENDERS
from bench.senders.sending import FORM, Order

Route = Callable[..., Any]
Texts = dict[str, str]

# What a text may be, the narrowest first.
_OF_TEXTS: tuple[Any, ...] = (Annotated[int, Field(ge=0)], Decimal, AwareDatetime)


def add_typed_floors(floor: FastAPI) -> None:
    """POST /typed/<kind> for every kind."""
    for kind, sender in SENDERS.items():
        order = Order(secret=sender.secrets[0], number=1, at=datetime(2026, 3, 2, 9, tzinfo=UTC), url="http://floor")
        sent = sender.send(order)
        floor.post(f"/typed/{kind}", status_code=202)(_route(sent.headers["content-type"], sent.body))


def _route(media: str, body: bytes) -> Route:
    if media == FORM:
        return _validated(Annotated[_model(dict(parse_qsl(body.decode())), _type_of_text), Form()])
    if media.endswith("json"):
        return _validated(Annotated[_type_of(json.loads(body)), Body()])
    rows_of = _xml_rows if media.endswith("xml") else _csv_rows
    return _read(rows_of, TypeAdapter(list[_model(rows_of(body)[0], _type_of_text)]))  # type: ignore[arg-type,misc]  # a type made of a value


def _validated(body_type: Any) -> Route:  # noqa: ANN401 - a type made of a value
    async def typed(body: Any) -> Texts:  # noqa: ANN401 - FastAPI is told below
        return {"delivery_id": type(body).__name__}

    typed.__annotations__["body"] = body_type
    return typed


def _read(rows_of: Callable[[bytes], list[Texts]], rows_type: TypeAdapter[list[BaseModel]]) -> Route:
    async def read(request: Request) -> Texts:
        try:
            rows = rows_type.validate_python(rows_of(await request.body()))
        except ValidationError as error:
            raise RequestValidationError(error.errors()) from None
        return {"delivery_id": type(rows[0]).__name__}

    return read


def _xml_rows(body: bytes) -> list[Texts]:
    """One row: the texts of all elements that hold no others, by tag."""
    return [{part.tag: part.text or "" for part in fromstring(body).iter() if len(part) == 0}]


def _csv_rows(body: bytes) -> list[Texts]:
    return list(csv.DictReader(StringIO(body.decode())))


def _model(values: Mapping[str, Any], type_of: Callable[[Any], Any]) -> type[BaseModel]:
    """A model with a field of its type for each value; keys need not be names of Python."""
    fields = {f"field_{place}": (type_of(value), Field(alias=key)) for place, (key, value) in enumerate(values.items())}
    model: type[BaseModel] = create_model("Delivery", **fields)  # type: ignore[call-overload]  # a type made of a value
    return model


def _type_of(value: Any) -> Any:  # noqa: ANN401 - any JSON, and a type
    match value:
        case dict():
            return _model(value, _type_of)
        case [first, *_]:
            return list[_type_of(first)]  # type: ignore[misc]  # a type made of a value
        case str() if "T" in value and _is(AwareDatetime, value):
            return AwareDatetime
        case None:
            return Any
        case _:
            return type(value)


def _type_of_text(text: str) -> Any:  # noqa: ANN401 - a type
    if text.startswith("{"):
        return Json[_type_of(json.loads(text))]  # type: ignore[misc]  # a type made of a value
    return next((form for form in _OF_TEXTS if _is(form, text)), str)


def _is(form: Any, text: str) -> bool:  # noqa: ANN401 - a type
    try:
        TypeAdapter(form).validate_python(text)
    except ValidationError:
        return False
    return True
