"""Keeps a line of every fact that carries a lead; one write for all facts of a transaction."""

from typing import Any

from sqlalchemy import text

from conveyor.contracts.envelope import Fact
from conveyor.contracts.registry import FACT_KINDS
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from handoff_bus.journeys.rules import employee_of, summary_of

_HEARD = "journey steps"
_COLUMNS = {
    "event_id": "uuid",
    "lead_id": "uuid",
    "occurred_at": "timestamptz",
    "recorded_at": "timestamptz",
    "service": "text",
    "type": "text",
    "actor": "text",
    "employee_id": "uuid",
    "summary": "text",
}
_INSERT = text(
    f"INSERT INTO journey_steps ({', '.join(_COLUMNS)}) "  # noqa: S608 - names of this file, no input
    f"SELECT * FROM unnest({', '.join(f'CAST(:{name} AS {kind}[])' for name, kind in _COLUMNS.items())}) "
    "ON CONFLICT (event_id) DO NOTHING"
)


def listen(listeners: Listeners) -> None:
    """Hear every fact whose key is a lead, also those that later issues add."""
    for kind in FACT_KINDS:
        if "lead_id" in kind.key:
            listeners.on(kind.model, on_fact_of_a_lead)


async def on_fact_of_a_lead(tx: Transaction, event: Event[Fact]) -> None:
    """Add the fact to the lead's journey."""
    lead_id = getattr(event.fact, "lead_id", None)
    if lead_id is None:
        return
    row = {
        "event_id": event.id,
        "lead_id": lead_id,
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "service": event.service,
        "type": event.kind.name,
        "actor": event.actor,
        "employee_id": employee_of(event.fact),
        "summary": summary_of(event.fact),
    }
    rows: list[dict[str, Any]] = tx.notes.setdefault(_HEARD, [])
    rows.append(row)
    tx.once_before_commit(_HEARD, _write)


async def _write(tx: Transaction) -> None:
    rows = tx.notes.pop(_HEARD)
    await tx.session.execute(_INSERT, {name: [row[name] for row in rows] for name in _COLUMNS})
