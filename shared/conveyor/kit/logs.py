"""Structured logs: one line per event, bound to the request or message at hand, without secrets and personal data.

The standard library's loggers (uvicorn, nats, SQLAlchemy) end in the same lines. JSON for machines, console for people.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Literal, TextIO

import orjson
import structlog

from conveyor.kit.clock import SystemClock
from conveyor.kit.context import current_context
from conveyor.kit.log_traces import add_exception

LIBRARIES_AT_WARNING = ("asyncio", "httpx2", "httpcore2", "nats", "sqlalchemy")
SECRET_NAMES = re.compile(r"password|secret|token|authorization|cookie|signature|api_?key|idempotency", re.IGNORECASE)
REDACTED = "[redacted]"
_SENSITIVE = re.compile(
    r"(?P<jwt>eyJ[\w-]{5,1000}+\.[\w-]+\.[\w-]*)"
    r"|(?P<bearer>(?i:bearer)\s+[^\s\"']+)"
    r"|(?P<whsec>whsec_[\w+/=]+)"
    r"|(?P<url>(?<=://)[^\s/@:]*:[^\s/@]+(?=@))"
    r"|(?P<email>[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<phone>(?<![\w.-])\+?\d(?:[\s()-]{0,2}\d){9,14}(?![\w:-]))"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]|\r|\n")

Event = MutableMapping[str, Any]


def configure_logging(
    *, service: str, log_format: Literal["console", "json"], level: str = "INFO", stream: TextIO | None = None
) -> None:
    """Send everything this process logs to `stream` (standard output by default) in one form. May be called again."""
    out = stream or sys.stdout
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level if log_format == "console" else _level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
            _Service(service),
            add_context,
            add_exception,
            redact,
            _render_json if log_format == "json" else _render_console,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    _access.service, _access.stream, _access.as_json = service, out, log_format == "json"
    _access.is_on = logging.getLevelName(level) <= logging.INFO
    _take_over_standard_logging(level)


def access_line(
    *,
    method: str,
    route: str,
    path_params: Mapping[str, object] | None,
    status: int,
    seconds: float,
    actor: str | None,
    request_id: str,
    trace_id: str,
) -> None:
    """One line per request. On the way of every request, so it does not pass the processors: nothing here needs them.

    Path parameters that are not plainly an id are left out; the raw path and the query never appear.
    """
    if not _access.is_on:
        return
    event = {
        "level": "info",
        "timestamp": SystemClock().now(),
        "service": _access.service,
        "event": "request",
        "method": method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 2),
        "actor": actor,
        "request_id": request_id,
        "trace_id": trace_id,
    }
    if path_params:
        event |= {name: value for name, value in path_params.items() if _is_id(value)}
    _access.stream.write(orjson.dumps(event).decode() + "\n" if _access.as_json else _console_access(event))


@dataclass(slots=True)
class _Access:
    service: str = ""
    stream: TextIO = sys.stdout
    is_on: bool = False
    as_json: bool = True


_access = _Access()
_ID = re.compile(r"[0-9a-f-]{36}|\d{1,9}|\d{4}-(\d\d|Q\d)")


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _console_access(event: Mapping[str, Any]) -> str:
    return f"{event['timestamp']:%H:%M:%S} {event['method']} {event['route']} {event['status']} {event['ms']} ms\n"


def add_context(_: object, __: str, event: Event) -> Event:
    """Bind the ids of the request or message at hand."""
    context = current_context()
    if context.actor != "system":
        event.setdefault("actor", context.actor)
        event["correlation_id"] = str(context.correlation_id)
    if context.request_id is not None:
        event["request_id"] = context.request_id
    if context.traceparent is not None:
        event["trace_id"] = context.traceparent[3:35]
    return event


def redact(_: object, __: str, event: Event) -> Event:
    """Take out secrets by the name of their field, and tokens, e-mails and phone numbers wherever they stand."""
    for name, value in event.items():
        if SECRET_NAMES.search(name):
            event[name] = REDACTED
        elif name not in _SAFE_FIELDS and not isinstance(value, int | float | None):
            event[name] = _redacted(value)
    return event


_SAFE_FIELDS = frozenset({"timestamp", "level", "service", "correlation_id", "trace_id", "method", "route"})


def _redacted(value: Any, depth: int = 0) -> Any:  # noqa: ANN401 - whatever was logged
    if isinstance(value, dict) and depth < 5:
        return {
            str(name): REDACTED if SECRET_NAMES.search(str(name)) else _redacted(child, depth + 1)
            for name, child in value.items()
        }
    if isinstance(value, list | tuple | set) and depth < 5:
        return [_redacted(child, depth + 1) for child in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _SENSITIVE.sub(_mark, str(value))


def _mark(match: re.Match[str]) -> str:
    return f"[{match.lastgroup}]"


class _Service:
    def __init__(self, service: str) -> None:
        self._service = service

    def __call__(self, _: object, __: str, event: Event) -> Event:
        event["service"] = self._service
        return event


def _level(_: object, method: str, event: Event) -> Event:
    event["level"] = method
    return event


def _render_json(_: object, __: str, event: Event) -> str:
    line = orjson.dumps(dict(event), default=str, option=orjson.OPT_NON_STR_KEYS).decode("utf-8")
    # JSON lets a few characters through that some readers of logs take for the end of a line.
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def _render_console(logger: object, method: str, event: Event) -> str:
    trace = event.pop("exception", None)
    plain = {name: _one_line(value) for name, value in event.items()}
    line = _CONSOLE(logger, method, plain)
    # A traceback may span lines, yet each is indented: no forged line can begin at the margin.
    return line if trace is None else line + "".join(f"\n    {_one_line(row)}" for row in str(trace).split("\n"))


_CONSOLE = structlog.dev.ConsoleRenderer(colors=False, sort_keys=False)


def _one_line(value: object) -> object:
    return (
        _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), value)
        if isinstance(value, str)
        else value
    )


class _ToStructlog(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = record.getMessage()
        except (TypeError, ValueError):
            message = str(record.msg)
        logger = structlog.get_logger()
        exc_info = record.exc_info if record.exc_info and record.exc_info[0] is not None else None
        method = {"WARNING": "warning", "ERROR": "error", "CRITICAL": "critical", "DEBUG": "debug"}.get(
            record.levelname, "info"
        )
        values = {"exc_info": exc_info} if exc_info else {}
        getattr(logger, method)(message, logger=record.name, **values)


def _take_over_standard_logging(level: str) -> None:
    root = logging.getLogger()
    root.handlers = [handler for handler in root.handlers if not isinstance(handler, _ToStructlog)]
    root.handlers = [handler for handler in root.handlers if type(handler) is not logging.StreamHandler]
    root.addHandler(_ToStructlog())
    root.setLevel(level)
    for name in LIBRARIES_AT_WARNING:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    # The edge writes the access log, with the route instead of the path.
    access = logging.getLogger("uvicorn.access")
    access.handlers = []
    access.propagate = False
