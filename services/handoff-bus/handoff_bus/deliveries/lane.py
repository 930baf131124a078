"""A short way to the webhook door, past the framework's routing, dependencies and exit stacks.

Those cost more than verifying, reading and storing a delivery together, and the door's throughput is a promise of the
design (section 8). It stands inside the edge, so ids, limits, logs and metrics are those of every route; the route
itself stays declared in `webhooks.py`, for the document and for every method but POST.
"""

from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from conveyor.kit.http.problems import answer_http_exception, answer_refusal
from conveyor.kit.refusals import Refusal
from handoff_bus.deliveries.webhooks import receive_delivery


class WebhookLane:
    """Middleware that answers `POST {prefix}<source>` by itself; `prefix` ends with a slash."""

    def __init__(self, app: ASGIApp, *, prefix: str) -> None:
        self._app = app
        self._prefix = prefix
        self._route: APIRoute | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path: str = scope.get("path", "")
        if scope["type"] != "http" or scope["method"] != "POST" or not path.startswith(self._prefix):
            await self._app(scope, receive, send)
            return
        source = path[len(self._prefix) :]
        if not source or "/" in source:
            await self._app(scope, receive, send)
            return
        scope["path_params"] = {"source": source}
        scope["route"] = self._declared(scope)
        request = Request(scope, receive)
        try:
            response = await receive_delivery(request)
        except Refusal as refusal:
            response = await answer_refusal(request, refusal)
        except HTTPException as refused:
            response = await answer_http_exception(request, refused)
        await response(scope, receive, send)

    def _declared(self, scope: Scope) -> APIRoute:
        if self._route is None:
            self._route = next(
                route
                for route in scope["app"].routes
                if isinstance(route, APIRoute) and route.path == f"{self._prefix}{{source}}"
            )
        return self._route
