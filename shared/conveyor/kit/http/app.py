"""The application of a service: routers under /v1 behind one edge, every error a problem."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from conveyor.kit.access import api as access_api
from conveyor.kit.access.trail import AccessTrail
from conveyor.kit.database_errors import DatabaseUnavailable, translated
from conveyor.kit.http import health
from conveyor.kit.http.edge import Edge
from conveyor.kit.http.problems import (
    answer_http_exception,
    answer_refusal,
    answer_unexpected,
    answer_validation_error,
    status_problem,
)
from conveyor.kit.http.routing import PREFIX, add_routes
from conveyor.kit.idempotency import IdempotentReplay
from conveyor.kit.openapi import document_of
from conveyor.kit.operations import api as operations
from conveyor.kit.operations.compare_intake import hear_lists
from conveyor.kit.refusals import Refusal
from conveyor.kit.service import Service

VERSION = "1.0.0"
GONE = 410
# The framework's own telemetry also exports exception messages, which hold personal data; ours is in the edge.
NO_TELEMETRY: dict[str, bool] = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


class ConveyorApp(FastAPI):
    """A FastAPI application whose outermost layer is our edge, outside even of the framework's own error answers."""

    def __init__(self, *, body_bytes_max: int, **options: Any) -> None:  # noqa: ANN401 - FastAPI's own options
        super().__init__(**options)
        self._edge = Edge(super().__call__, body_bytes_max=body_bytes_max)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        if scope["type"] == "http":
            await self._edge(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document with the problem schema and each operation's roles."""
        if self.openapi_schema is None:
            self.openapi_schema = document_of(self)
        return self.openapi_schema


def create_app(*, service: Service, routers: Sequence[APIRouter]) -> FastAPI:
    """The application of `service`.

    `routers` are mounted under /v1, each operation as `{tag}_{function_name}`; beside them stand /v1/lag,
    /v1/messages, /v1/personal-data-reads, /healthz, /readyz and /metrics. A body is at most `settings.body_bytes_max`
    unless its route says `max_body_size`.
    The service's own work (relay, consumer, background workers) runs from start-up to shut-down of the application.
    """
    settings = service.settings
    app = ConveyorApp(
        body_bytes_max=settings.body_bytes_max,
        title=f"Conveyor {settings.service}",
        description="Errors are RFC 9457 problems with a stable code; lists are paged by cursor.",
        version=VERSION,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=service.lifespan,
        telemetry=NO_TELEMETRY,
        exception_handlers={
            Refusal: answer_refusal,
            HTTPException: answer_http_exception,
            RequestValidationError: answer_validation_error,
            DBAPIError: answer_if_transient,
            PoolTimeout: answer_if_transient,
            ConnectionError: answer_if_transient,
            TimeoutError: answer_if_transient,
            IdempotentReplay: answer_replay,
            Exception: answer_unexpected,
        },
    )
    hear_lists(service.listeners)
    app.state.service = service
    app.state.access_trail = AccessTrail(service.database)
    service.background.append(app.state.access_trail)
    app.state.tokens = service.tokens
    app.state.readiness = health.ReadinessCheck(service)
    add_routes(app, [*routers, health.lag, operations.router, access_api.router], prefix=PREFIX)
    add_routes(app, [health.probes], prefix="")
    return app


async def answer_if_transient(request: Request, error: Exception) -> Response:
    """503 when the database is away or busy, met outside `database.transaction()`; any other such error is ours."""
    refusal = DatabaseUnavailable() if isinstance(error, TimeoutError) else translated(error)
    if refusal is None:
        raise error
    return await answer_refusal(request, refusal)


async def answer_replay(request: Request, replay: Exception) -> Response:
    """The answer that the same request got before, or that it has been erased since."""
    assert isinstance(replay, IdempotentReplay)  # noqa: S101 - registered for this class alone
    told = {"Idempotency-Replayed": "true"}
    if replay.status == GONE:
        return status_problem(request.scope, GONE, headers=told)
    media_type = None if replay.body is None else "application/json"
    return Response(replay.body, replay.status, told, media_type=media_type)
