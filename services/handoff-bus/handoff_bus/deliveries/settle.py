"""Turn received deliveries into facts, or say why not yet: a batch in one transaction of the caller."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select

from conveyor.contracts.registry import KIND_OF_MODEL
from conveyor.kit.context import current_context, use_context
from conveyor.kit.database import Transaction
from handoff_bus.calendar.queries import department_zone
from handoff_bus.deliveries.outside_ids import Holder, Key, claim_outside_ids, key_of, note_said, published_payments
from handoff_bus.deliveries.receive_lead import names_in, receive_lead
from handoff_bus.deliveries.rules import RANK, Known, Letter, Park, Publish, decide
from handoff_bus.deliveries.tables import Delivery, DeliveryWait
from handoff_bus.deliveries.wake import awaited_payment, lock_correlation, wake
from handoff_bus.employees.queries import employments_of
from handoff_bus.references.queries import known_leads, leads_by_name
from handoff_bus.sources.kinds.kind import UnreadableDelivery
from handoff_bus.sources.kinds.registry import KINDS
from handoff_bus.sources.kinds.standard.schema import LeadEvent, RefundEvent
from handoff_bus.sources.tables import Source


async def settle(tx: Transaction, deliveries: Sequence[Delivery]) -> None:
    """Give every delivery its next state: published, parked or quarantined. Never commits.

    Take the correlation lock before reading the deliveries. A fact is said at most once per outside id, whatever is
    delivered or replayed.
    """
    await lock_correlation(tx)
    by_id = {delivery.delivery_id: delivery for delivery in deliveries}
    letters = sorted(await _read(tx, deliveries), key=lambda letter: (RANK[type(letter.event)], letter.delivery_id))
    holders = await claim_outside_ids(tx.session, letters)
    known = await _what_is_known(tx, letters)
    said: list[tuple[Key, UUID, UUID | None]] = []
    waits: list[dict[str, Any]] = []
    for letter in letters:
        delivery = by_id[letter.delivery_id]
        if _is_settled_by_its_id(delivery, letter, holders):
            continue
        is_lead = isinstance(letter.event, LeadEvent)
        verdict = await receive_lead(tx, letter, known) if is_lead else decide(letter, known)
        if isinstance(verdict, Park):
            _close(delivery, "parked", verdict.reason, verdict.detail)
            waits += [{"delivery_id": letter.delivery_id, "thing": thing} for thing in verdict.waits]
            continue
        event_id = _say(tx, delivery, letter, verdict)
        if (key := key_of(letter)) is not None:
            said.append((key, event_id, verdict.lead_id))
            if key[1] == "payment" and verdict.lead_id is not None:
                known.payments[key[0], key[2]] = verdict.lead_id
    for delivery in deliveries:
        delivery.settled_at = tx.now
    await _write(tx, list(by_id), said, waits)


async def _read(tx: Transaction, deliveries: Sequence[Delivery]) -> list[Letter]:
    ids = {delivery.source_id for delivery in deliveries}
    sources = {
        source.source_id: source for source in await tx.session.scalars(select(Source).where(Source.source_id.in_(ids)))
    }
    letters = []
    for delivery in deliveries:
        source = sources[delivery.source_id]
        try:
            (event,) = KINDS[source.kind].parse(delivery.body)
        except UnreadableDelivery:
            _close(delivery, "quarantined", "unreadable", "The body does not fit the schema of its source any more.")
            continue
        letters.append(Letter(delivery.delivery_id, source.source_id, source.name, event, delivery.matched_lead_id))
    return letters


async def _what_is_known(tx: Transaction, letters: Sequence[Letter]) -> Known:
    names = {letter.lead for letter in letters if letter.lead is not None}
    for letter in letters:
        if isinstance(letter.event, LeadEvent):
            names |= {claim.name for claim in names_in(letter.event.data, letter.delivery_id)}
    payments = [
        (letter.source_id, letter.event.data.payment_id) for letter in letters if isinstance(letter.event, RefundEvent)
    ]
    direct = [UUID(value) for system, value in names if system == "lead_id"]
    return Known(
        zone=await department_zone(tx.session),
        leads=await leads_by_name(tx.session, [name for name in names if name[0] != "lead_id"]),
        lead_ids=await known_leads(tx.session, direct),
        employees=await employments_of(tx.session, sorted({letter.employee for letter in letters if letter.employee})),
        payments=await published_payments(tx.session, payments),
    )


def _is_settled_by_its_id(delivery: Delivery, letter: Letter, holders: dict[Key, Holder]) -> bool:
    key = key_of(letter)
    if key is None:
        return False
    holder = holders[key]
    if holder.content_sha256 != letter.content_sha256:
        detail = f"Delivery {holder.delivery_id} gave this {key[1]} id to other content."
        _close(delivery, "quarantined", "other_content", detail)
    elif holder.delivery_id != letter.delivery_id:
        _close(delivery, "published", "repetition", f"Delivery {holder.delivery_id} says the same.")
    elif holder.event_id is not None:
        # Its fact was said before it was replayed.
        _close(delivery, "published", None, None)
    else:
        return False
    return True


def _say(tx: Transaction, delivery: Delivery, letter: Letter, verdict: Publish) -> UUID:
    context = current_context()
    actor = context.actor if letter.matched_lead_id is not None else f"source:{letter.source}"
    outside = replace(
        context,
        actor=actor,
        # The driver's own UUID class is unknown to the JSON writer of the outbox.
        correlation_id=UUID(int=letter.delivery_id.int),
        traceparent=delivery.headers.get("traceparent", context.traceparent),
        idempotency=None,
    )
    with use_context(outside):
        event_id = tx.say(verdict.fact, occurred_at=verdict.occurred_at)
    kind = KIND_OF_MODEL[type(verdict.fact)]
    delivery.lead_id = verdict.lead_id
    delivery.employee_id = verdict.employee_id
    delivery.facts = [{"event_id": str(event_id), "type": kind.code, "key": kind.key_of(verdict.fact)}]
    _close(delivery, "published", None, None)
    return event_id


def _close(delivery: Delivery, state: str, reason: str | None, detail: str | None) -> None:
    delivery.state, delivery.reason, delivery.detail = state, reason, detail
    delivery.retry_at = None


async def _write(
    tx: Transaction,
    delivery_ids: Sequence[UUID],
    said: Sequence[tuple[Key, UUID, UUID | None]],
    waits: Sequence[dict[str, Any]],
) -> None:
    await tx.session.flush()
    await tx.session.execute(delete(DeliveryWait).where(DeliveryWait.delivery_id.in_(delivery_ids)))
    if waits:
        await tx.session.execute(insert(DeliveryWait), list(waits))
    await note_said(tx.session, said)
    await wake(
        tx, [awaited_payment(source, outside_id) for (source, kind, outside_id), _, _ in said if kind == "payment"]
    )
