"""Turn received deliveries into facts, or say why not yet: a batch in one transaction of the caller."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, Uuid, any_, bindparam, insert, select

from conveyor.contracts.registry import KIND_OF_MODEL
from conveyor.kit.context import current_context, use_context
from conveyor.kit.database import Transaction
from conveyor.kit.direct import Direct
from handoff_bus.deliveries.known import MoneyNotes, what_is_known
from handoff_bus.deliveries.letter import Letter
from handoff_bus.deliveries.letters import NoLetters, letters_of
from handoff_bus.deliveries.outside_ids import Holder, Key, claim_outside_ids, key_of, note_said
from handoff_bus.deliveries.receive_lead import receive_lead
from handoff_bus.deliveries.rules import RANK, Known, Old, Park, Publish, decide
from handoff_bus.deliveries.search import names_in
from handoff_bus.deliveries.tables import Delivery, DeliveryWait
from handoff_bus.deliveries.wake import awaited_payment, lock_correlation, wake
from handoff_bus.sources.kinds.standard.schema import LeadEvent
from handoff_bus.sources.tables import Source

# What they waited for until now is over, whatever they wait for next.
_CLOSE = Direct("""
    WITH closed AS (SELECT * FROM jsonb_populate_recordset(NULL::deliveries, CAST(:rows AS jsonb))),
    over AS (DELETE FROM delivery_waits USING closed WHERE delivery_waits.delivery_id = closed.delivery_id)
    UPDATE deliveries SET state = closed.state, reason = closed.reason, detail = closed.detail,
        retry_at = closed.retry_at, settled_at = closed.settled_at, lead_id = closed.lead_id,
        employee_id = closed.employee_id, facts = closed.facts, names = closed.names
    FROM closed
    WHERE deliveries.delivery_id = closed.delivery_id
""")
_SOURCES = Direct(select(Source.__table__).where(Source.source_id == any_(bindparam("ids", type_=ARRAY(Uuid())))))
_CLOSED_COLUMNS = (
    "delivery_id",
    "state",
    "reason",
    "detail",
    "retry_at",
    "settled_at",
    "lead_id",
    "employee_id",
    "facts",
    "names",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one letter, or of a delivery without any. A delivery is as far as its last letter."""

    state: str
    reason: str | None = None
    detail: str | None = None


_SAID = Outcome("published")
# While one of its letters waits, a delivery must be found and woken; what is wrong with another is told afterwards.
_WEIGHT = {"published": 0, "quarantined": 1, "parked": 2, "received": 3}


async def settle(tx: Transaction, deliveries: Sequence[Delivery]) -> None:
    """Give every delivery its next state: published, parked or quarantined. Never commits.

    Take the correlation lock before reading the deliveries. A fact is said at most once per outside id, whatever is
    delivered or replayed. The objects leave the session: all of them are written by one statement.
    """
    await lock_correlation(tx)
    await tx.session.flush()
    for delivery in deliveries:
        if delivery in tx.session:
            tx.session.expunge(delivery)
    by_id = {delivery.delivery_id: delivery for delivery in deliveries}
    outcomes: dict[UUID, list[Outcome]] = defaultdict(list)
    letters = sorted(
        await _read(tx, deliveries, outcomes),
        key=lambda letter: (RANK[type(letter.event)], letter.delivery_id, letter.part),
    )
    holders = await claim_outside_ids(tx.session, letters)
    known = await what_is_known(tx, letters)
    said: dict[Key, tuple[UUID, UUID | None]] = {}
    waits: set[tuple[UUID, str]] = set()
    money = MoneyNotes()
    for letter in letters:
        delivery = by_id[letter.delivery_id]
        outcome = _settled_by_its_id(letter, holders, said)
        if outcome is None:
            is_lead = isinstance(letter.event, LeadEvent)
            verdict = await receive_lead(tx, letter, known) if is_lead else decide(letter, known)
            if isinstance(verdict, Park):
                outcome = Outcome("parked", verdict.reason, verdict.detail)
                waits |= {(letter.delivery_id, thing) for thing in verdict.waits}
            elif isinstance(verdict, Old):
                outcome = Outcome("published", verdict.reason, verdict.detail)
            else:
                _note(letter, _say(tx, delivery, letter, verdict), verdict.lead_id, said=said, known=known)
                money.note(letter, verdict, known)
                outcome = _SAID
        outcomes[letter.delivery_id].append(outcome)
    for delivery in deliveries:
        _close(delivery, outcomes[delivery.delivery_id])
        if delivery.state == "received":
            # The fetcher takes it from here.
            delivery.retry_at = tx.now
        else:
            delivery.settled_at = tx.now
    await _write(tx, deliveries, said, waits)
    await money.write(tx)


async def _read(tx: Transaction, deliveries: Sequence[Delivery], outcomes: dict[UUID, list[Outcome]]) -> list[Letter]:
    ids = sorted({delivery.source_id for delivery in deliveries})
    sources = {row.source_id: Source(**row._asdict()) for row in await _SOURCES.rows(tx.session, ids=ids)}
    letters: list[Letter] = []
    for delivery in deliveries:
        found = letters_of(delivery, sources[delivery.source_id])
        if isinstance(found, NoLetters):
            outcomes[delivery.delivery_id].append(Outcome(found.state, found.reason, found.detail))
        else:
            letters += found
            delivery.names = sorted({*(delivery.names or ()), *names_in(found)})
    return letters


def _settled_by_its_id(
    letter: Letter, holders: dict[Key, Holder], said: dict[Key, tuple[UUID, UUID | None]]
) -> Outcome | None:
    key = key_of(letter)
    if key is None:
        return None
    holder = holders[key]
    if holder.content_sha256 != letter.content_sha256:
        detail = f"Delivery {holder.delivery_id} gave this {key[1]} id to other content."
        return Outcome("quarantined", "other_content", detail)
    if holder.delivery_id != letter.delivery_id:
        if letter.is_told_in_parts and holder.event_id is None and key not in said:
            # The first to tell it may not know the lead; whoever does says the payment.
            return None
        return Outcome("published", "repetition", f"Delivery {holder.delivery_id} says the same.")
    # Its fact was said before it was replayed, or by an event of the same delivery.
    return _SAID if holder.event_id is not None or key in said else None


def _note(
    letter: Letter, event_id: UUID, lead_id: UUID | None, *, said: dict[Key, tuple[UUID, UUID | None]], known: Known
) -> None:
    key = key_of(letter)
    if key is not None:
        said[key] = event_id, lead_id
        if key[1] == "payment" and lead_id is not None:
            known.payments[key[0], key[2]] = lead_id


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
    delivery.lead_id = verdict.lead_id or delivery.lead_id
    delivery.employee_id = verdict.employee_id or delivery.employee_id
    fact = {"event_id": str(event_id), "type": kind.code, "key": kind.key_of(verdict.fact), "part": letter.part}
    delivery.facts = [*(delivery.facts or ()), fact]
    return event_id


def _close(delivery: Delivery, outcomes: Sequence[Outcome]) -> None:
    # Without any outcome everything was said before it was replayed.
    weighty = max(outcomes, key=lambda outcome: (_WEIGHT[outcome.state], outcome.reason is None), default=_SAID)
    delivery.state, delivery.reason, delivery.detail = weighty.state, weighty.reason, weighty.detail
    delivery.retry_at = None


async def _write(
    tx: Transaction,
    deliveries: Sequence[Delivery],
    said: dict[Key, tuple[UUID, UUID | None]],
    waits: Collection[tuple[UUID, str]],
) -> None:
    closed = [{name: getattr(delivery, name) for name in _CLOSED_COLUMNS} for delivery in deliveries]
    # The driver's own UUID class is unknown to orjson; its text is the same.
    await _CLOSE.rows(tx.session, rows=orjson.dumps(closed, default=str).decode())
    if waits:
        rows = [{"delivery_id": delivery_id, "thing": thing} for delivery_id, thing in sorted(waits)]
        await tx.session.execute(insert(DeliveryWait), rows)
    await note_said(tx.session, [(key, event_id, lead_id) for key, (event_id, lead_id) in said.items()])
    await wake(tx, [awaited_payment(source, outside_id) for source, kind, outside_id in said if kind == "payment"])
