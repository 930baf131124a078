"""What a listener gets and says: the event around a fact, "not yet" (`WaitsFor`), and the list of who hears what."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

from conveyor.contracts.envelope import Fact
from conveyor.contracts.registry import KIND_OF_MODEL, FactKind
from conveyor.kit.messaging.parked import release

if TYPE_CHECKING:
    from conveyor.kit.database import Transaction

__all__ = ["Event", "Handler", "Listeners", "WaitsFor", "release"]

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True)
class Event(Generic[F]):
    """A fact that a service said. `occurred_at` is business time, `recorded_at` when its publisher learned it."""

    id: UUID
    service: str
    kind: FactKind
    key: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    correlation_id: UUID
    causation_id: UUID | None
    fact: F


Handler = Callable[["Transaction", Event[F]], Awaitable[None]]


class WaitsFor(Exception):
    """What this fact needs is not known yet: it is set aside until somebody calls `release` for (`thing`, `key`)."""

    def __init__(self, thing: str, key: object) -> None:
        super().__init__(f"waits for {thing} {key}")
        self.thing = thing
        self.key = str(key)


class Listeners:
    """Who hears which fact. A handler writes within the given transaction and never commits.

    It may run twice and in any order; all effects of a run that did not commit are gone.
    """

    def __init__(self) -> None:
        self._heard: dict[str, list[tuple[str | None, Handler[Any]]]] = {}

    def on(self, model: type[F], handler: Handler[F], *, from_service: str | None = None) -> None:
        """Call `handler` for each fact of this model, from one service only if named. Handlers run in order."""
        self._heard.setdefault(KIND_OF_MODEL[model].code, []).append((from_service, handler))

    def of(self, kind: FactKind, service: str) -> list[Handler[Any]]:
        """The handlers for a fact of this kind said by `service`."""
        return [handler for source, handler in self._heard.get(kind.code, ()) if source in {None, service}]
