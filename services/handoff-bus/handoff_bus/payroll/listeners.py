"""Gathers batches, their parts and what became of them, in whatever order they come."""

from sqlalchemy.dialects.postgresql import insert

from conveyor.contracts.payroll import (
    PayoutBatchAcknowledged,
    PayoutBatchFrozen,
    PayoutBatchPaid,
    PayoutBatchPart,
    PayoutBatchRejected,
)
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from handoff_bus.payroll.rules import Outcome
from handoff_bus.payroll.tables import BatchOutcome, GatheredBatch, GatheredPart


def listen(listeners: Listeners) -> None:
    """Register the handlers."""
    listeners.on(PayoutBatchFrozen, on_batch_frozen)
    listeners.on(PayoutBatchPart, on_batch_part)
    listeners.on(PayoutBatchAcknowledged, on_batch_acknowledged)
    listeners.on(PayoutBatchPaid, on_batch_paid)
    listeners.on(PayoutBatchRejected, on_batch_rejected)


async def on_batch_frozen(tx: Transaction, event: Event[PayoutBatchFrozen]) -> None:
    """A stage froze a batch; its facts never change, so the first stands."""
    fact = event.fact
    row = {
        "batch_id": fact.batch_id,
        "technical_id": fact.id,
        "service": event.service,
        "period": fact.period,
        "number": fact.number,
        "role": fact.role,
        "lines": fact.lines,
        "totals": [total.model_dump() for total in fact.totals],
        "sha256": fact.sha256,
        "parts": fact.parts,
        "frozen_at": event.recorded_at,
    }
    await tx.session.execute(insert(GatheredBatch).values(row).on_conflict_do_nothing())


async def on_batch_part(tx: Transaction, event: Event[PayoutBatchPart]) -> None:
    """Some rows of a batch."""
    fact = event.fact
    rows = [row.model_dump(mode="json") for row in fact.rows]
    row = {"batch_id": fact.batch_id, "part": fact.part, "rows": rows}
    await tx.session.execute(insert(GatheredPart).values(row).on_conflict_do_nothing())


async def on_batch_acknowledged(tx: Transaction, event: Event[PayoutBatchAcknowledged]) -> None:
    """Payroll took it over."""
    await _note(tx, event.fact.batch_id, "acknowledged")


async def on_batch_paid(tx: Transaction, event: Event[PayoutBatchPaid]) -> None:
    """Payroll paid it."""
    await _note(tx, event.fact.batch_id, "paid")


async def on_batch_rejected(tx: Transaction, event: Event[PayoutBatchRejected]) -> None:
    """Payroll rejected it whole: the period's file waits for its successor."""
    await _note(tx, event.fact.batch_id, "rejected", reason=event.fact.reason)


async def _note(tx: Transaction, batch_id: str, outcome: Outcome, *, reason: str | None = None) -> None:
    row = {"batch_id": batch_id, "outcome": outcome, "reason": reason, "recorded_at": tx.now}
    await tx.session.execute(insert(BatchOutcome).values(row).on_conflict_do_nothing())
