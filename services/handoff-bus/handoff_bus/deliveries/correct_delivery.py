"""What a person does about a delivery: match it to a lead, have it read again, or reject it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select

from conveyor.kit.database import Database, Transaction
from conveyor.kit.refusals import Invalid, NotFound, Refusal
from handoff_bus.deliveries.letters import AWAITS_FETCH, NoLetters, letters_of
from handoff_bus.deliveries.queries import DeliveryDetail, find_delivery
from handoff_bus.deliveries.settle import settle
from handoff_bus.deliveries.tables import Delivery, DeliveryWait
from handoff_bus.deliveries.wake import lock_correlation
from handoff_bus.references.queries import known_leads
from handoff_bus.sources.tables import Source

REPLAYABLE = frozenset({"parked", "rejected", "quarantined"})
_NOT_THERE = "gone_at_source"


class DeliveryNotParked(Refusal):
    """Only a parked delivery can be matched to a lead; only a parked or quarantined one can be rejected."""


class DeliveryBodyRemoved(Refusal):
    """What this delivery said was removed, by an erasure or because it was old; there is nothing to read again."""


class NoLeadToMatch(Refusal):
    """A refund follows its payment; match the payment's delivery."""


class SeveralLeadsToMatch(Refusal):
    """This delivery speaks of several leads; announce their names as references of the leads instead."""


async def match_delivery(database: Database, *, delivery_id: UUID, lead_id: UUID) -> DeliveryDetail:
    """Say that this delivery is about `lead_id` and settle it.

    Only this delivery is matched; to teach the bus the name for good, announce it as a reference of the lead.
    Raises NotFound, DeliveryNotParked, NoLeadToMatch, SeveralLeadsToMatch, Invalid for an unknown lead.
    """
    async with database.transaction() as tx:
        delivery = await _locked(tx, delivery_id)
        if delivery.state != "parked":
            raise DeliveryNotParked(state=delivery.state)
        if delivery.type == "payment.refunded" and await _leads_named(tx, delivery) == 0:
            raise NoLeadToMatch
        if not await known_leads(tx.session, [lead_id]):
            raise Invalid.field(pointer="/lead_id", message="no such lead is known")
        if await _leads_named(tx, delivery) > 1:
            raise SeveralLeadsToMatch
        delivery.matched_lead_id = lead_id
        await settle(tx, [delivery])
        return await tx.commit(await find_delivery(tx.session, delivery_id=delivery_id))


async def replay_delivery(database: Database, *, delivery_id: UUID) -> DeliveryDetail:
    """Read a delivery again with what is known now, unless all of it became facts or its raw request is gone.

    Safe at any time: a fact is said once per outside id. Raises NotFound, DeliveryBodyRemoved.
    """
    async with database.transaction() as tx:
        delivery = await _locked(tx, delivery_id)
        if delivery.raw_removed_at is not None:
            raise DeliveryBodyRemoved
        await read_again(tx, [delivery])
        return await tx.commit(await find_delivery(tx.session, delivery_id=delivery_id))


async def read_again(tx: Transaction, deliveries: Sequence[Delivery]) -> None:
    """Settle these deliveries (locked, under the correlation lock) again; published ones only if they became no fact.

    What its source did not know is asked from it again, what still waits for the answer is asked now. One whose body
    was removed stays as it is.
    """
    again = _unsettled(tx, deliveries)
    if again:
        await settle(tx, again)


async def put_back(tx: Transaction, deliveries: Sequence[Delivery]) -> None:
    """As `read_again`, but leave the settling to the settler, one by one where it must be."""
    for delivery in _unsettled(tx, deliveries):
        delivery.state, delivery.reason, delivery.detail, delivery.retry_at = "received", None, None, None
    await tx.session.flush()


def _unsettled(tx: Transaction, deliveries: Sequence[Delivery]) -> list[Delivery]:
    again = []
    for delivery in deliveries:
        if delivery.raw_removed_at is not None:
            continue
        if delivery.state in REPLAYABLE or (delivery.state == "published" and not delivery.facts):
            if delivery.reason == _NOT_THERE:
                delivery.fetched = None
            delivery.attempts = 0
            again.append(delivery)
        elif delivery.reason == AWAITS_FETCH:
            delivery.retry_at = tx.now
    return again


async def reject_delivery(database: Database, *, delivery_id: UUID, reason: str) -> DeliveryDetail:
    """Say that a parked or quarantined delivery is none of ours; it can be replayed later.

    Raises NotFound, DeliveryNotParked.
    """
    async with database.transaction() as tx:
        delivery = await _locked(tx, delivery_id)
        if delivery.state not in {"parked", "quarantined"}:
            raise DeliveryNotParked(state=delivery.state)
        delivery.state, delivery.reason, delivery.detail = "rejected", "by_hand", reason
        delivery.settled_at = tx.now
        await tx.session.execute(delete(DeliveryWait).where(DeliveryWait.delivery_id == delivery_id))
        await tx.session.flush()
        return await tx.commit(await find_delivery(tx.session, delivery_id=delivery_id))


async def _leads_named(tx: Transaction, delivery: Delivery) -> int:
    source = await tx.session.get_one(Source, delivery.source_id)
    letters = letters_of(delivery, source)
    return 0 if isinstance(letters, NoLetters) else len({letter.lead for letter in letters if letter.lead})


async def _locked(tx: Transaction, delivery_id: UUID) -> Delivery:
    await lock_correlation(tx)
    delivery = await tx.session.scalar(select(Delivery).where(Delivery.delivery_id == delivery_id).with_for_update())
    if delivery is None:
        raise NotFound
    return delivery
