"""Routes of the house: strict JSON, stable operation ids, declared problems. Built flat from the services' routers.

FastAPI keeps included routers as a tree and matches every request twice through it; a flat list is matched once and
gives each request the full template of its path for metrics and logs.
"""

from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any, Final

from fastapi import APIRouter, FastAPI, params
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from conveyor.kit.access.shows import ShowsPeople, note_read
from conveyor.kit.http.auth import Allow
from conveyor.kit.http.etags import revision_if_given, revision_to_change
from conveyor.kit.http.idempotency import KEY_HEADER, remember_key
from conveyor.kit.http.pagination import page_request
from conveyor.kit.http.problems import MEDIA_TYPE, MalformedBody, UnsupportedMediaType
from conveyor.kit.http.strict_json import JsonRefused, pointer_token, read_json, text_error
from conveyor.kit.refusals import FieldError, Invalid

PREFIX = "/v1"
_COPIED = (
    "response_model",
    "status_code",
    "tags",
    "dependencies",
    "summary",
    "description",
    "response_description",
    "deprecated",
    "methods",
    "operation_id",
    "response_model_include",
    "response_model_exclude",
    "response_model_by_alias",
    "response_model_exclude_unset",
    "response_model_exclude_defaults",
    "response_model_exclude_none",
    "include_in_schema",
    "response_class",
    "name",
    "callbacks",
    "openapi_extra",
    "max_body_size",
)


class StrictRequest(Request):
    """A request whose JSON is read by the strict reader."""

    async def json(self) -> Any:  # noqa: ANN401 - any JSON
        """The body's value. Raises MalformedBody."""
        try:
            return read_json(await self.body())
        except JsonRefused as refused:
            raise MalformedBody(refused.errors) from None


class ConveyorRoute(APIRoute):
    """An operation that reads strict JSON, refuses unstorable text in its parameters and honours Idempotency-Key.

    Its `max_body_size`, for imports larger than other bodies, is held by the edge.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        max_body_size: int | None = None,
        **options: Any,  # noqa: ANN401 - the framework's own options
    ) -> None:
        self.body_bytes_max = max_body_size
        self.nearer: Sequence[ConveyorRoute] = ()
        """Operations with a word where this one has a parameter: `/leads/import` for `/leads/{lead_id}`."""
        self._fixed_beginning = path.partition("{")[0]
        super().__init__(path, endpoint, **options)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether this is the operation; most are ruled out by the fixed beginning of their path, without a regex."""
        if not scope["root_path"] and not scope["path"].startswith(self._fixed_beginning):
            return Match.NONE, {}
        return super().matches(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it; of another method it says what the address takes, in all its operations."""
        is_of_others = any(route.matches(scope)[0] is Match.PARTIAL for route in self.nearer)
        if scope["method"] not in (self.methods or ()) or is_of_others:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(_methods_at(scope)))})
        await super().handle(scope, receive, send)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler behind our own checks."""
        handler = super().get_route_handler()
        takes_json = self.body_field is not None and not isinstance(self.body_field.field_info, params.Form)
        is_post = "POST" in (self.methods or ())
        shows = shown_by(self.dependant)
        status = self.status_code or 200

        async def handle(request: Request) -> Response:
            scope = request.scope
            strict = StrictRequest(scope, request.receive, request._send)  # noqa: SLF001 - as Starlette itself hands it on
            _refuse_unstorable_parameters(strict)
            if takes_json and not _is_json(strict) and await strict.body():
                raise UnsupportedMediaType
            if is_post and any(name == KEY_HEADER for name, _ in scope["headers"]):
                await remember_key(strict, status=status)
            response = await handler(strict)
            if shows is not None:
                note_read(strict, response, shows, operation=str(self.operation_id))
            return response

        return handle


def _methods_at(scope: Scope) -> set[str]:
    """Of the operations that match; a word in the path goes before a parameter: `/leads/import` is no `{lead_id}`."""
    routes = [route for route in scope["app"].routes if isinstance(route, APIRoute)]
    matching = [route for route in routes if route.matches(scope)[0] is not Match.NONE]
    nearest = min(matching, key=lambda route: route.path.count("{")).path
    return {method for route in matching if route.path == nearest for method in route.methods or ()}


def add_routes(app: FastAPI, routers: Sequence[APIRouter], *, prefix: str) -> None:
    """Mount every operation of `routers` under `prefix`, each with the problems it can answer.

    Fails for a route without tag and for two operations of one id, which would break generated clients.
    """
    taken = {route.operation_id for route in app.routes if isinstance(route, APIRoute)}
    for context in _contexts(routers):
        operation_id = context.operation_id or operation_id_of(context)
        assert operation_id not in taken, f"two operations are called {operation_id}"  # noqa: S101 - a programmer's mistake, at start
        taken.add(operation_id)
        copied = {name: getattr(context, name) for name in _COPIED} | {"operation_id": operation_id}
        problems = problem_responses(context.dependant, context.methods or set())
        assert context.endpoint is not None  # noqa: S101 - an operation has one
        app.router.add_api_route(
            f"{prefix}{context.path}",
            context.endpoint,
            responses={**problems, **context.responses},
            route_class_override=ConveyorRoute,
            **copied,
        )

    routes = [route for route in app.routes if isinstance(route, ConveyorRoute)]
    for route in routes:
        route.nearer = [other for other in routes if _is_nearer(other.path, than=route.path)]


def _is_nearer(path: str, *, than: str) -> bool:
    words, others = path.split("/"), than.split("/")
    return (
        path.count("{") < than.count("{")
        and len(words) == len(others)
        and all(word == other or other.startswith("{") for word, other in zip(words, others, strict=True))
    )


def operation_id_of(route: RouteContext | APIRoute) -> str:
    """`{tag}_{function_name}`."""
    assert route.tags, f"{route.path} needs a tag"  # noqa: S101 - a programmer's mistake, at start
    return f"{str(route.tags[0]).lower().replace('-', '_').replace(' ', '_')}_{route.name}"


def dependencies_of(dependant: Dependant) -> Iterator[Callable[..., Any] | None]:
    """Everything a route depends on, at any depth."""
    for dependency in dependant.dependencies:
        yield dependency.call
        yield from dependencies_of(dependency)


def roles_of(dependant: Dependant) -> tuple[str, ...] | None:
    """The roles that `allow` lets in, or None for a route that authenticates by itself."""
    roles = [set(call.roles) for call in dependencies_of(dependant) if isinstance(call, Allow)]
    return tuple(sorted(set.intersection(*roles))) if roles else None


def shown_by(dependant: Dependant) -> ShowsPeople | None:
    """Whom a route shows, if it says so."""
    return next((call for call in dependencies_of(dependant) if isinstance(call, ShowsPeople)), None)


def problem_responses(dependant: Dependant, methods: set[str]) -> dict[int | str, dict[str, Any]]:
    """What an operation may answer besides success, for its OpenAPI document."""
    calls = set(dependencies_of(dependant))
    statuses: dict[int, str] = {
        404: "Not found",
        422: "Invalid request",
        500: "Our mistake",
        503: "Unavailable right now",
    }
    if page_request in calls:
        statuses[400] = "The cursor is not of this list"
    if roles_of(dependant) is not None:
        statuses |= {401: "No valid token", 403: "Not for this role"}
    if methods & {"POST", "PUT", "PATCH", "DELETE"}:
        statuses |= {409: "Refused by a business rule", 413: "Body too large", 415: "Not JSON"}
    if revision_to_change in calls:
        statuses |= {412: "The object has changed", 428: "If-Match is missing"}
    if revision_if_given in calls:
        statuses |= {412: "The object has changed"}
    if "POST" in methods:
        statuses |= {400: "Malformed request"}
    if "POST" in methods and roles_of(dependant) is not None:
        statuses |= {410: "The answer under this Idempotency-Key has been erased"}
    return {status: _problem(text) for status, text in sorted(statuses.items())}


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


REFUSED_BY_A_RULE: Final[dict[int | str, dict[str, Any]]] = {409: _problem("Refused by a business rule")}
"""Among `responses` of a GET that a rule may refuse, such as a file that is not complete yet."""

UNPROVEN: Final[dict[int | str, dict[str, Any]]] = {401: _problem("No valid proof of who sends it")}
"""Among `responses` of an operation that authenticates in another way than by a token."""


def _contexts(routers: Sequence[APIRouter]) -> Iterator[RouteContext]:
    for router in routers:
        for context in iter_route_contexts(router.routes):
            assert isinstance(context.original_route, APIRoute), f"only operations can be mounted: {context.path}"  # noqa: S101 - a programmer's mistake, at start
            yield context


def _is_json(request: Request) -> bool:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json"))


def _refuse_unstorable_parameters(request: Request) -> None:
    if not request.scope["path_params"] and b"%00" not in request.scope["query_string"]:
        return
    found: list[tuple[str, object]] = [*request.path_params.items()]
    # Decoding the query costs more than looking whether it can hold anything bad at all.
    if b"%00" in request.scope["query_string"]:
        found += request.query_params.multi_items()
    errors = [
        FieldError(pointer_token(name), message)
        for name, value in found
        if isinstance(value, str) and (message := text_error(value)) is not None
    ]
    if errors:
        raise Invalid(errors=errors)
