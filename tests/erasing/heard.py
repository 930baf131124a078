"""A service that hears erasures in a database of account: its steps, its worker, what it said."""

from typing import Any, TypeVar, cast

from sqlalchemy import text

from conveyor.contracts.envelope import Envelope, Fact
from conveyor.contracts.registry import read_fact
from conveyor.erasing.carry_out import Eraser
from conveyor.erasing.listeners import listen
from conveyor.erasing.steps import Steps, sql
from conveyor.kit.database import Database
from conveyor.kit.messaging.events import Listeners
from tests.handoff_bus.bus_at_work import event_of

F = TypeVar("F", bound=Fact)
STEPS: Steps = {
    "lead": (
        sql(
            "clients",
            "UPDATE clients SET company_name = :pseudonym WHERE lead_id = :lead_id AND company_name <> :pseudonym",
        ),
    )
}


class Reader:
    """Says whether everything in the stream was handled."""

    def __init__(self) -> None:
        self.is_done = True

    async def caught_up(self, *, seconds_max: float) -> bool:
        assert seconds_max > 0
        return self.is_done


def eraser(database: Database, reader: Reader | None = None) -> Eraser:
    return Eraser(database, consumer=cast("Any", reader or Reader()), steps=STEPS)


async def hear(database: Database, fact: Fact) -> None:
    """Bring a fact of the bus, as a batch of the consumer."""
    listeners = Listeners()
    listen(listeners, steps=STEPS)
    event = event_of(fact, at=database.clock.now())
    async with database.transaction() as tx:
        for handler in listeners.of(event.kind, event.service):
            await handler(tx, event)
        await tx.commit()


async def said(database: Database, model: type[F]) -> list[F]:
    """Facts of a kind in the outbox, oldest first."""
    async with database.reading() as session:
        bodies = (await session.scalars(text("SELECT body FROM outbox ORDER BY id"))).all()
    facts = [read_fact(Envelope.model_validate_json(body)) for body in bodies]
    return [fact for fact in facts if isinstance(fact, model)]
