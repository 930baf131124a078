"""On whose behalf and because of what the present work is done; travels with the task, not through arguments."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID

from conveyor.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class IdempotencyClaim:
    """A POST with an Idempotency-Key: claimed at the first transaction, its answer stored with the commit.

    The scope of a key is the principal; `request_hash` covers method, path and body; `status` is the route's success.
    """

    key: str
    principal: str
    request_hash: bytes
    status: int


@dataclass(frozen=True, slots=True)
class RequestContext:
    """`actor` is who does it (`employee:<id>`, `integration:<subject>`, `service:<name>`, `anonymous`)."""

    actor: str
    correlation_id: UUID = field(default_factory=new_id)
    causation_id: UUID | None = None
    traceparent: str | None = None
    request_id: str | None = None
    idempotency: IdempotencyClaim | None = None


_current: ContextVar[RequestContext | None] = ContextVar("conveyor_context", default=None)


def current_context() -> RequestContext:
    """The context of the present work; outside of any request or message the work is the system's own."""
    return _current.get() or RequestContext(actor="system")


@contextmanager
def use_context(context: RequestContext) -> Iterator[RequestContext]:
    """Work inside the block is done in this context."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


def replace_context(context: RequestContext) -> None:
    """Go on in another context until the surrounding `use_context` ends; for what is learned late, as the caller."""
    _current.set(context)
