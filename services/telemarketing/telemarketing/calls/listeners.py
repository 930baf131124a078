"""Calls that telephony reported."""

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert as upsert

from conveyor.contracts.outside import CallRecorded
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from telemarketing.calls.tables import Call
from telemarketing.standing.settle import settle_later


def listen(listeners: Listeners) -> None:
    """Calls with and without a lead."""
    listeners.on(CallRecorded, on_call_recorded)


async def on_call_recorded(tx: Transaction, event: Event[CallRecorded]) -> None:
    """Keep the call. One that was reported without a lead gets it when it is matched later."""
    fact = event.fact
    row = upsert(Call).values(
        source=fact.source,
        call_id=fact.call_id,
        lead_id=fact.lead_id,
        employee_id=fact.employee_id,
        direction=fact.direction,
        started_at=fact.started_at,
        duration_seconds=fact.duration_seconds,
        recording_url=fact.recording_url,
        delivery_id=fact.delivery_id,
    )
    await tx.session.execute(
        row.on_conflict_do_update(
            index_elements=[Call.source, Call.call_id],
            set_={"lead_id": func.coalesce(Call.lead_id, row.excluded.lead_id)},
        )
    )
    if fact.lead_id is not None:
        settle_later(tx, fact.lead_id)
