"""Open the client of an accepted handoff, or move a known one, within the acceptance's transaction."""

from uuid import UUID

from sqlalchemy import select

from account.clients.move_client import say_client_moved
from account.clients.tables import Client
from conveyor.contracts.account import ClientOpened
from conveyor.handoffs.ownership.change_owner import change_owner
from conveyor.handoffs.ownership.rules import OwnedThing
from conveyor.handoffs.stage import Acceptance, OwnerMoved
from conveyor.kit.database import Transaction, lock


async def open_client(tx: Transaction, acceptance: Acceptance) -> UUID | None:
    """The client belongs to whoever accepted, from the acceptance on. Answers the deal it came from."""
    offer = acceptance.offer
    await lock(tx, "client", str(offer.lead_id))
    known = await tx.session.scalar(select(Client).where(Client.lead_id == offer.lead_id).with_for_update())
    thing = OwnedThing(thing_id=offer.lead_id, lead_id=offer.lead_id)
    employee_id, from_at = acceptance.employee_id, acceptance.accepted_at
    revision = await change_owner(tx, thing=thing, employee_id=employee_id, from_at=from_at)
    if known is not None:
        known.revision += 1
        known.opened_at = min(known.opened_at, from_at)
        say_client_moved(tx, OwnerMoved(thing=thing, revision=revision, employee_id=employee_id, from_at=from_at))
        return offer.deal_id
    tx.session.add(
        Client(
            lead_id=offer.lead_id,
            handoff_id=offer.handoff_id,
            company_name=offer.company.name,
            opened_at=from_at,
            revision=1,
            recorded_at=tx.now,
        )
    )
    opened = ClientOpened(lead_id=offer.lead_id, handoff_id=offer.handoff_id, employee_id=employee_id)
    tx.say(opened, occurred_at=from_at)
    return offer.deal_id
