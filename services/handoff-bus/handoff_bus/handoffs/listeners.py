"""What the stages say about handoffs, in whatever order it comes."""

from dataclasses import asdict, fields
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from conveyor.contracts.handoffs import (
    HandoffAccepted,
    HandoffOffered,
    HandoffReturned,
    HandoffRouted,
    HandoffWithdrawn,
)
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from handoff_bus.handoffs.rules import Said, watched
from handoff_bus.handoffs.tables import HandoffFact, WatchedHandoff

HandoffSaid = HandoffOffered | HandoffRouted | HandoffAccepted | HandoffReturned | HandoffWithdrawn


def listen(listeners: Listeners) -> None:
    """Register the handlers."""
    listeners.on(HandoffOffered, on_offered)
    listeners.on(HandoffRouted, on_routed)
    listeners.on(HandoffAccepted, on_accepted)
    listeners.on(HandoffReturned, on_returned)
    listeners.on(HandoffWithdrawn, on_withdrawn)


async def on_offered(tx: Transaction, event: Event[HandoffOffered]) -> None:
    """A stage offered a lead."""
    fact = event.fact
    stages = {"from_stage": fact.from_stage, "to_stage": fact.to_stage}
    await _note(tx, event, "offered", {**stages, "employee_id": fact.offered_by, "deal_id": fact.deal_id})


async def on_routed(tx: Transaction, event: Event[HandoffRouted]) -> None:
    """The receiving stage named who should answer, and why he."""
    fact = event.fact
    await _note(
        tx, event, "routed", {"to_stage": fact.to_stage, "employee_id": fact.employee_id, "reason": fact.reason}
    )


async def on_accepted(tx: Transaction, event: Event[HandoffAccepted]) -> None:
    """The receiving stage took it."""
    fact = event.fact
    stages = {"from_stage": fact.from_stage, "to_stage": fact.to_stage}
    await _note(tx, event, "accepted", {**stages, "employee_id": fact.employee_id, "deal_id": fact.deal_id})


async def on_returned(tx: Transaction, event: Event[HandoffReturned]) -> None:
    """The receiving stage gave it back."""
    fact = event.fact
    stages = {"from_stage": fact.from_stage, "to_stage": fact.to_stage}
    why = {"reason": fact.reason, "note": fact.note}
    await _note(tx, event, "returned", {**stages, **why, "employee_id": fact.employee_id})


async def on_withdrawn(tx: Transaction, event: Event[HandoffWithdrawn]) -> None:
    """The offer fell away."""
    fact = event.fact
    stages = {"from_stage": fact.from_stage, "to_stage": fact.to_stage}
    await _note(tx, event, "withdrawn", {**stages, "reason": fact.reason})


async def _note(tx: Transaction, event: Event[Any], name: str, details: dict[str, Any]) -> None:
    handoff_id, lead_id = event.fact.handoff_id, event.fact.lead_id
    # The row is locked before its facts are read: two replicas may hear two facts of one handoff at once.
    statement = insert(WatchedHandoff).values(handoff_id=handoff_id, lead_id=lead_id, state="offered")
    await tx.session.execute(
        statement.on_conflict_do_update(
            index_elements=[WatchedHandoff.handoff_id], set_={"lead_id": statement.excluded.lead_id}
        )
    )
    row = {
        "event_id": event.id,
        "handoff_id": handoff_id,
        "fact": name,
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "actor": event.actor,
        **details,
    }
    await tx.session.execute(insert(HandoffFact).values(row).on_conflict_do_nothing())
    seen = watched(await _facts(tx, handoff_id))
    await tx.session.execute(update(WatchedHandoff).where(WatchedHandoff.handoff_id == handoff_id).values(asdict(seen)))


async def _facts(tx: Transaction, handoff_id: UUID) -> list[Said]:
    columns = [getattr(HandoffFact, field.name) for field in fields(Said)]
    rows = await tx.session.execute(select(*columns).where(HandoffFact.handoff_id == handoff_id))
    return [Said(*row) for row in rows]
