"""Every fact that can be subscribed to is heard; one write for all facts of a transaction."""

import asyncio

from conveyor.contracts.envelope import Fact
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Handler, Listeners
from handoff_bus.dispatches.write_dispatches import write_dispatches
from handoff_bus.subscriptions.rules import OFFERED

_HEARD = "facts to tell"


def listen(listeners: Listeners, *, wake: asyncio.Event) -> None:
    """Register the handler; `wake` is set after a commit that wrote something to send."""
    on_fact = hearing(wake)
    for kind in OFFERED.values():
        listeners.on(kind.model, on_fact)


def hearing(wake: asyncio.Event) -> Handler[Fact]:
    """The handler of every fact."""

    async def write(tx: Transaction) -> None:
        if await write_dispatches(tx, tx.notes.pop(_HEARD)):
            tx.wakes.add(wake)

    async def on_fact(tx: Transaction, event: Event[Fact]) -> None:
        tx.notes.setdefault(_HEARD, []).append(event)
        tx.once_before_commit(_HEARD, write)

    return on_fact
