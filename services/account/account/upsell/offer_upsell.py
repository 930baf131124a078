"""Offer a client to closing for another deal."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from account.clients.tables import Client
from account.upsell.models import OfferUpsell, UpsellView
from account.upsell.tables import UpsellOffer
from conveyor.contracts.handoffs import HandoffOffered
from conveyor.handoffs.ownership.queries import owned_by
from conveyor.handoffs.queries import offer_of
from conveyor.handoffs.tables import ReceivedHandoff
from conveyor.kit.database import Database
from conveyor.kit.ids import new_id
from conveyor.kit.refusals import Invalid, NotFound, Refusal


class UpsellStillOffered(Refusal):
    """This client is offered to closing already and nobody answered yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offering:
    """Who offers which client when; `limited_to` is the AM whose own client it must be."""

    lead_id: UUID
    employee_id: UUID
    at: datetime
    limited_to: UUID | None


async def offer_upsell(database: Database, *, offering: Offering, said: OfferUpsell) -> UpsellView:
    """The offer carries what account knows. Raises NotFound, Invalid before the client, UpsellStillOffered."""
    async with database.transaction() as tx:
        statement = select(Client).where(Client.lead_id == offering.lead_id).with_for_update()
        if offering.limited_to is not None:
            statement = statement.where(owned_by(Client.lead_id, offering.limited_to, tx.now))
        client = await tx.session.scalar(statement)
        if client is None:
            raise NotFound
        if offering.at < client.opened_at:
            raise Invalid.field(pointer="/occurred_at", message="earlier than the client")
        standing = select(UpsellOffer.handoff_id).where(
            UpsellOffer.lead_id == client.lead_id, UpsellOffer.state == "offered"
        )
        if await tx.session.scalar(standing) is not None:
            raise UpsellStillOffered
        offer = UpsellOffer(
            handoff_id=new_id(),
            lead_id=client.lead_id,
            state="offered",
            offered_by=offering.employee_id,
            offered_at=offering.at,
        )
        tx.session.add(offer)
        received = offer_of(await tx.session.get_one(ReceivedHandoff, client.handoff_id))
        offered = HandoffOffered(
            handoff_id=offer.handoff_id,
            lead_id=client.lead_id,
            from_stage="account",
            to_stage="closing",
            offered_by=offering.employee_id,
            company=received.company,
            contacts=received.contacts,
            needs=said.needs,
            touches=received.touches,
            introduction_wanted=said.introduction_wanted,
        )
        tx.say(offered, occurred_at=offering.at)
        return await tx.commit(UpsellView(id=offer.handoff_id, lead_id=client.lead_id, state="offered"))
