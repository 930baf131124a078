"""Writing down where leads stand after something new was learnt about them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Row, func, or_, select

from conveyor.kit.database import Transaction
from telemarketing.calls.tables import Call
from telemarketing.handoffs.tables import OutgoingHandoff
from telemarketing.leads.tables import Inquiry, Lead
from telemarketing.nurture.tables import NurturedLead
from telemarketing.progress.tables import Milestone
from telemarketing.replies.tables import Reply
from telemarketing.standing.rules import (
    Signal,
    inquiry_signal,
    lead_state,
    nurture_signal,
    queue_place,
    reply_signal,
)
from telemarketing.touches.tables import Touch

_MARKED = "telemarketing.leads_to_settle"


@dataclass(slots=True)
class _Known:
    worked_at: datetime | None = None
    handoff_states: list[str] = field(default_factory=list)
    milestones: set[str] = field(default_factory=set)
    signals: list[Signal] = field(default_factory=list)


async def settle_standing(tx: Transaction, leads: Sequence[Lead]) -> None:
    """Derive state and queue place of the leads, whose rows the caller has locked, from all that is known."""
    await tx.session.flush()
    known = await _known_of(tx, [lead.lead_id for lead in leads])
    for lead in leads:
        facts = known[lead.lead_id]
        lead.worked_at = facts.worked_at
        lead.state = lead_state(
            worked=facts.worked_at is not None,
            handoff_states=facts.handoff_states,
            is_client="client" in facts.milestones,
            is_lost="lost" in facts.milestones,
            is_erased=lead.erased_at is not None,
        )
        came_in = inquiry_signal(at=lead.registered_at, mechanics=lead.mechanics)
        place = queue_place(
            signals=[*facts.signals, *([] if facts.worked_at is not None else [came_in])],
            worked_at=facts.worked_at,
            registered_at=lead.registered_at,
        )
        lead.queue_rank = place.rank
        lead.next_contact_at = place.next_contact_at


def settle_later(tx: Transaction, lead_id: UUID) -> None:
    """The same once before the commit, for listeners: a batch of facts settles each lead it touched one time."""
    tx.notes.setdefault(_MARKED, set()).add(lead_id)
    tx.once_before_commit(_MARKED, _settle_marked)


async def _settle_marked(tx: Transaction) -> None:
    await tx.session.flush()
    leads = await tx.session.scalars(
        select(Lead)
        .where(Lead.lead_id.in_(tx.notes.pop(_MARKED, set())))
        .order_by(Lead.lead_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    await settle_standing(tx, leads.all())


async def _known_of(tx: Transaction, lead_ids: Sequence[UUID]) -> dict[UUID, _Known]:
    known: dict[UUID, _Known] = defaultdict(_Known)

    async def rows(statement: Executable) -> Sequence[Row[*tuple[Any, ...]]]:
        return (await tx.session.execute(statement)).all()

    for model, worked_at in ((Touch, Touch.occurred_at), (Call, Call.started_at)):
        for lead_id, latest in await rows(
            select(model.lead_id, func.max(worked_at)).where(model.lead_id.in_(lead_ids)).group_by(model.lead_id)
        ):
            known[lead_id].worked_at = max(filter(None, (known[lead_id].worked_at, latest)))
    for row in await rows(
        select(OutgoingHandoff.lead_id, OutgoingHandoff.state)
        .where(OutgoingHandoff.lead_id.in_(lead_ids))
        .order_by(OutgoingHandoff.offered_at, OutgoingHandoff.handoff_id)
    ):
        known[row.lead_id].handoff_states.append(row.state)
    # A deal that ended by going back to nurture did not lose the lead.
    nurtured = select(NurturedLead.deal_id).where(NurturedLead.lead_id == Milestone.lead_id)
    counts = or_(Milestone.kind != "lost", Milestone.deal_id.is_(None), Milestone.deal_id.not_in(nurtured))
    for row in await rows(
        select(Milestone.lead_id, Milestone.kind).where(Milestone.lead_id.in_(lead_ids), counts).distinct()
    ):
        known[row.lead_id].milestones.add(row.kind)
    for row in await rows(
        select(NurturedLead.lead_id, NurturedLead.came_at, NurturedLead.resume_at).where(
            NurturedLead.lead_id.in_(lead_ids)
        )
    ):
        known[row.lead_id].signals.append(nurture_signal(at=row.came_at, resume_at=row.resume_at))
    for row in await rows(select(Reply.lead_id, Reply.received_at, Reply.kind).where(Reply.lead_id.in_(lead_ids))):
        known[row.lead_id].signals.append(reply_signal(at=row.received_at, kind=row.kind))
    for row in await rows(
        select(Inquiry.lead_id, Inquiry.received_at, Inquiry.mechanics).where(Inquiry.lead_id.in_(lead_ids))
    ):
        known[row.lead_id].signals.append(inquiry_signal(at=row.received_at, mechanics=row.mechanics))
    return known
