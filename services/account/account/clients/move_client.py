"""Give a client to another AM from a moment on, in the past or in the future."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from account.clients.models import ClientView, MoveClient
from account.clients.queries import client_view
from account.clients.tables import Client
from conveyor.contracts.account import ClientOwnerChanged
from conveyor.handoffs.ownership.change_owner import change_owner
from conveyor.handoffs.ownership.pass_on import pass_on_at_once
from conveyor.handoffs.ownership.rules import OwnedThing
from conveyor.handoffs.stage import OwnerMoved, ReceivingStage
from conveyor.kit.database import Database, Transaction
from conveyor.kit.http.etags import StaleRevision
from conveyor.kit.refusals import Invalid, NotFound
from conveyor.roster.queries import hold_employee, working_employee


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The client after the move, and its new revision."""

    client: ClientView
    revision: int


async def move_client(
    database: Database, *, stage: ReceivingStage, lead_id: UUID, revision: int, said: MoveClient
) -> Moved:
    """Nobody can own a client before it was opened. Raises StaleRevision when it is not at `revision`."""
    await working_employee(database, said.employee_id, role="am", at=said.from_at)
    async with database.transaction() as tx:
        await hold_employee(tx.session, said.employee_id)
        client = await tx.session.scalar(select(Client).where(Client.lead_id == lead_id).with_for_update())
        if client is None:
            raise NotFound
        if client.revision != revision:
            raise StaleRevision
        if said.from_at < client.opened_at:
            raise Invalid.field(pointer="/from", message="earlier than the client")
        client.revision += 1
        thing = OwnedThing(thing_id=lead_id, lead_id=lead_id)
        number = await change_owner(tx, thing=thing, employee_id=said.employee_id, from_at=said.from_at)
        say_client_moved(
            tx, OwnerMoved(thing=thing, revision=number, employee_id=said.employee_id, from_at=said.from_at)
        )
        await pass_on_at_once(tx, stage=stage, employee_id=said.employee_id, lead_id=lead_id)
        moved = Moved(client=await client_view(tx.session, client, now=tx.now), revision=client.revision)
        await tx.commit(moved.client)
        return moved


def say_client_moved(tx: Transaction, moved: OwnerMoved) -> None:
    """Say `client_owner_changed`. A move that lies ahead happened, as a decision, now."""
    tx.say(
        ClientOwnerChanged(
            lead_id=moved.thing.lead_id,
            revision=moved.revision,
            employee_id=moved.employee_id,
            from_at=moved.from_at,
        ),
        occurred_at=min(moved.from_at, tx.now),
    )
