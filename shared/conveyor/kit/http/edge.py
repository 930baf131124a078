"""The outermost layer of an application: ids, context, body limit, security headers, access log, metrics, last net.

One plain ASGI layer instead of six: this is on the way of every request.
"""

import asyncio
import functools
import logging
import time

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conveyor.kit.context import RequestContext, use_context
from conveyor.kit.http.admission import ADMITTED, actor_of
from conveyor.kit.http.principals import Principal
from conveyor.kit.http.problems import RETRY_AFTER_SECONDS, BodyTooLarge, status_problem
from conveyor.kit.http.tracing import RequestIds, request_ids
from conveyor.kit.logs import access_line
from conveyor.kit.metrics import HTTP_REQUEST_SECONDS, HTTP_REQUESTS

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET_ROUTES = frozenset({"/healthz", "/readyz", "/metrics"})
UNMATCHED = "unmatched"

logger = logging.getLogger(__name__)


class Edge:
    """Wraps the whole application; nothing inside can send an answer that does not pass here.

    A body is at most `body_bytes_max`, or `body_bytes_max` of the route that reads it, counted as it comes.
    """

    def __init__(self, app: ASGIApp, *, body_bytes_max: int) -> None:
        self._app = app
        self._body_bytes_max = body_bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        started = time.perf_counter()
        exchange = _Exchange(scope, receive, send, body_bytes_max=self._body_bytes_max)
        ids = exchange.ids
        scope.setdefault("state", {}).update(request_id=ids.request_id, trace_id=ids.trace_id)
        context = RequestContext("anonymous", ids.correlation_id, None, ids.traceparent, ids.request_id)
        with use_context(context):
            try:
                await self._app(scope, exchange.receive, exchange.send)
            except asyncio.CancelledError:
                # The process ends and has waited long enough; whoever asked does not know that, and may ask again.
                if not exchange.status:
                    later = status_problem(scope, 503, headers={"Retry-After": RETRY_AFTER_SECONDS})
                    await later(scope, receive, exchange.send)
                raise
            except Exception:
                logger.exception("unexpected error")
                if not exchange.status:
                    await status_problem(scope, 500)(scope, receive, exchange.send)
                elif not exchange.is_complete:
                    # Half an answer is out: cutting the connection is the only honest way to end it.
                    raise
            finally:
                _observe(scope, ids, status=exchange.status or 500, seconds=time.perf_counter() - started)


class _Exchange:
    """One request and its answer: counts what comes in, puts our headers on what goes out."""

    __slots__ = ("_body_bytes_max", "_receive", "_received", "_scope", "_send", "ids", "is_complete", "status")

    def __init__(self, scope: Scope, receive: Receive, send: Send, *, body_bytes_max: int) -> None:
        self.status = 0
        self.is_complete = False
        self._scope = scope
        self._receive = receive
        self._send = send
        self._body_bytes_max = body_bytes_max
        self._received = 0
        request_id = traceparent = None
        for name, value in scope["headers"]:
            if name == b"x-request-id":
                request_id = value
            elif name == b"traceparent":
                traceparent = value
        self.ids: RequestIds = request_ids(request_id=request_id, traceparent=traceparent)

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._received += len(message.get("body", b""))
            if self._received > self._body_bytes_max and self._received > self._limit_of_route():
                raise BodyTooLarge
        return message

    def _limit_of_route(self) -> int:
        # The router has found the route before anybody reads the body.
        return getattr(self._scope.get("route"), "body_bytes_max", None) or self._body_bytes_max

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = message["headers"] = [
                *message.get("headers", ()),
                (b"x-request-id", self.ids.request_id.encode("ascii")),
                (b"x-content-type-options", b"nosniff"),
            ]
            if not any(name == b"cache-control" for name, _ in headers):
                headers.append((b"cache-control", b"no-store"))
        await self._send(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self.is_complete = True


@functools.lru_cache(maxsize=4096)
def _series(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    # Looking a series up by its labels costs more than counting in it; there are few of them.
    return HTTP_REQUESTS.labels(method, route, str(status)), HTTP_REQUEST_SECONDS.labels(method, route)


def _observe(scope: Scope, ids: RequestIds, *, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", UNMATCHED)
    method = scope["method"] if scope["method"] in METHODS else "OTHER"
    requests, request_seconds = _series(method, route, status)
    requests.inc()
    request_seconds.observe(seconds)
    if route in QUIET_ROUTES:
        return
    principal = scope.get(ADMITTED)
    access_line(
        method=method,
        route=route,
        path_params=scope.get("path_params"),
        status=status,
        seconds=seconds,
        actor=actor_of(principal) if isinstance(principal, Principal) else None,
        request_id=ids.request_id,
        trace_id=ids.trace_id,
    )
