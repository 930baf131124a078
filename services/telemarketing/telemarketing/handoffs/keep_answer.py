"""Keeping what the receiving stage said of a handoff."""

from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert

from conveyor.contracts.handoffs import (
    HandoffAccepted,
    HandoffOffered,
    HandoffReturned,
    HandoffRouted,
    HandoffWithdrawn,
)
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event
from telemarketing.handoffs.queries import answers_to, as_rule
from telemarketing.handoffs.rules import AnswerKind, handoff_state
from telemarketing.handoffs.tables import HandoffAnswer, OutgoingHandoff
from telemarketing.leads.lock_lead import lock_lead
from telemarketing.standing.settle import settle_later

AnswerEvent = Event[HandoffRouted] | Event[HandoffAccepted] | Event[HandoffReturned] | Event[HandoffWithdrawn]


async def keep_answer(tx: Transaction, *, event: AnswerEvent, kind: AnswerKind) -> None:
    """Keep the latest word of this kind and derive the handoff's state from all words heard."""
    fact = event.fact
    await lock_lead(tx, fact.lead_id)
    await _keep(tx, event, handoff_id=fact.handoff_id, kind=kind, reason=getattr(fact, "reason", None))


async def end_by_nurture(tx: Transaction, *, event: Event[HandoffOffered], handoff_id: UUID) -> None:
    """Closing gave back what it had accepted under `handoff_id`; the caller has locked the lead."""
    await _keep(tx, event, handoff_id=handoff_id, kind="nurtured", reason=event.fact.nurture_reason)


async def _keep(
    tx: Transaction,
    event: AnswerEvent | Event[HandoffOffered],
    *,
    handoff_id: UUID,
    kind: AnswerKind,
    reason: str | None,
) -> None:
    fact = event.fact
    answer = upsert(HandoffAnswer).values(
        handoff_id=handoff_id,
        kind=kind,
        lead_id=fact.lead_id,
        occurred_at=event.occurred_at,
        event_id=event.id,
        employee_id=getattr(fact, "employee_id", None),
        deal_id=getattr(fact, "deal_id", None),
        reason=reason,
        note=getattr(fact, "note", None),
    )
    kept = ("occurred_at", "event_id", "employee_id", "deal_id", "reason", "note")
    await tx.session.execute(
        answer.on_conflict_do_update(
            index_elements=[HandoffAnswer.handoff_id, HandoffAnswer.kind],
            set_={name: answer.excluded[name] for name in kept},
            where=tuple_(HandoffAnswer.occurred_at, HandoffAnswer.event_id)
            < tuple_(answer.excluded.occurred_at, answer.excluded.event_id),
        )
    )
    handoff = await tx.session.scalar(
        select(OutgoingHandoff)
        .where(OutgoingHandoff.handoff_id == handoff_id)
        .execution_options(populate_existing=True)
    )
    if handoff is not None:
        answers = await answers_to(tx.session, [handoff_id])
        handoff.state = handoff_state(as_rule(row) for row in answers[handoff_id])
        settle_later(tx, fact.lead_id)
