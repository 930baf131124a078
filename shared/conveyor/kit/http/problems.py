"""Every error is an RFC 9457 problem with a stable `code`; this file says which status a refusal becomes.

Nothing of the input is echoed and no stack leaves the process.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from conveyor.kit.http.strict_json import pointer_token
from conveyor.kit.quiet_messages import quiet_message
from conveyor.kit.refusals import FieldError, Refusal, RefusalKind

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = "1"

STATUS_OF_KIND: Mapping[RefusalKind, int] = {
    "bad_request": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "refused": 409,
    "stale": 412,
    "invalid": 422,
    "missing_precondition": 428,
    "unavailable": 503,
}

CODE_OF_STATUS: Mapping[int, str] = {
    400: "bad-request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    409: "conflict",
    410: "erased",
    413: "body-too-large",
    415: "unsupported-media-type",
    422: "invalid",
    429: "too-many-requests",
    500: "internal-error",
    503: "unavailable",
}

DETAIL_OF_STATUS: Mapping[int, str] = {
    404: "There is nothing at this address.",
    405: "This address does not know this method; see the Allow header.",
    410: "What this request was answered before has been erased.",
    413: "The body is larger than this address takes.",
    415: "Send JSON with Content-Type: application/json.",
    422: "The request does not make sense.",
    429: "Too many requests; see the Retry-After header.",
    500: "Something went wrong here; the log has it under this request_id.",
    503: "Not available right now; see the Retry-After header.",
}


class ProblemField(BaseModel):
    """What is wrong with one field: `pointer` is a JSON pointer into the body, or `/<name>` of a parameter."""

    pointer: str
    message: str


class Problem(BaseModel):
    """RFC 9457 problem details. Rely on `code` and `status`; `title` and `detail` are for people."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Relative reference `/problems/<code>`.")
    title: str
    status: int
    detail: str
    instance: str = Field(description="The path that was asked.")
    code: str = Field(description="Stable, kebab-case.")
    request_id: str
    trace_id: str
    errors: list[ProblemField] = Field(default_factory=list)


class UnsupportedMediaType(HTTPException):
    """The body is not in a media type of this address."""

    def __init__(self) -> None:
        super().__init__(status_code=415)


class BodyTooLarge(HTTPException):
    """The body has more bytes than its route takes."""

    def __init__(self) -> None:
        super().__init__(status_code=413)


class MalformedBody(HTTPException):
    """The body cannot be read. An HTTPException because FastAPI lets only these out of its reading of a body."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(status_code=422, detail="The body cannot be read.")
        self.errors = tuple(errors)


def problem_response(
    scope: Mapping[str, Any],
    *,
    status: int,
    code: str,
    detail: str,
    errors: Sequence[FieldError] = (),
    extensions: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The response for a problem met while serving `scope`."""
    state = scope.get("state", {})
    body = {
        **(extensions or {}),
        "type": f"/problems/{code}",
        "title": code.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
        "instance": _storable(scope.get("path", "")),
        "code": code,
        "request_id": state.get("request_id", ""),
        "trace_id": state.get("trace_id", ""),
        "errors": [{"pointer": error.pointer, "message": error.message} for error in errors],
    }
    return Response(orjson.dumps(body, default=str), status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def status_problem(scope: Mapping[str, Any], status: int, *, headers: Mapping[str, str] | None = None) -> Response:
    """The problem for a bare status, with the words of this file."""
    code = CODE_OF_STATUS.get(status, HTTPStatus(status).phrase.lower().replace(" ", "-"))
    detail = DETAIL_OF_STATUS.get(status, HTTPStatus(status).description or HTTPStatus(status).phrase)
    return problem_response(scope, status=status, code=code, detail=detail, headers=headers)


async def answer_refusal(request: Request, refusal: Exception) -> Response:
    """A named refusal in the status of its kind."""
    assert isinstance(refusal, Refusal)  # noqa: S101 - registered for this class alone
    headers: dict[str, str] = {}
    if refusal.kind == "unauthenticated":
        headers["WWW-Authenticate"] = "Bearer"
    if refusal.kind == "unavailable":
        headers["Retry-After"] = RETRY_AFTER_SECONDS
    return problem_response(
        request.scope,
        status=STATUS_OF_KIND[refusal.kind],
        code=refusal.code,
        detail=refusal.detail,
        errors=refusal.errors,
        extensions=refusal.extensions,
        headers=headers,
    )


async def answer_http_exception(request: Request, error: Exception) -> Response:
    """What the router and the framework refuse. Their texts are replaced by ours: they may quote the input."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
    if isinstance(error, MalformedBody):
        return problem_response(
            request.scope, status=422, code="malformed-body", detail=error.detail, errors=error.errors
        )
    # FastAPI answers 400 when a form or a body cannot be read; here every unreadable body is 422.
    status = 422 if error.status_code == 400 else error.status_code
    headers = dict(error.headers or {})
    if status in {429, 503}:
        headers.setdefault("Retry-After", RETRY_AFTER_SECONDS)
    if status == 401:
        headers.setdefault("WWW-Authenticate", "Bearer")
    return status_problem(request.scope, status, headers=headers)


async def answer_validation_error(request: Request, error: Exception) -> Response:
    """Fields that do not fit the request model, each with its pointer."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class alone
    return problem_response(
        request.scope,
        status=422,
        code="invalid",
        detail=DETAIL_OF_STATUS[422],
        errors=[FieldError(_pointer(found["loc"]), quiet_message(found)) for found in error.errors()[:100]],
    )


async def answer_unexpected(request: Request, _: Exception) -> Response:
    """A mistake of ours. The edge logs the traceback."""
    return status_problem(request.scope, 500)


def _pointer(loc: Sequence[Any]) -> str:
    """`("body", "amount", "currency")` → `/amount/currency`; parameters of query, path and header by their name."""
    return "".join(pointer_token(_storable(str(step))) for step in loc[1:])


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
