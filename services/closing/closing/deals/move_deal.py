"""Give a deal to another AE from a moment on, in the past or in the future."""

from uuid import UUID

from closing.deals.doing import Desk, deal_to_change
from closing.deals.models import DealView, MoveDeal
from closing.deals.queries import deal_view
from conveyor.contracts.closing import DealOwnerChanged
from conveyor.handoffs.ownership.change_owner import change_owner
from conveyor.handoffs.ownership.pass_on import pass_on_at_once
from conveyor.handoffs.ownership.rules import OwnedThing
from conveyor.handoffs.stage import OwnerMoved
from conveyor.kit.database import Transaction
from conveyor.kit.http.auth import Principal
from conveyor.kit.refusals import Invalid
from conveyor.roster.queries import hold_employee, working_employee


async def move_deal(
    desk: Desk, *, deal_id: UUID, principal: Principal, revision: int, said: MoveDeal
) -> tuple[DealView, int]:
    """The deal with its new owner intervals, and its new revision. Nobody can own a deal before it was opened."""
    await working_employee(desk.database, said.employee_id, role="ae", at=said.from_at)
    async with desk.database.transaction() as tx:
        await hold_employee(tx.session, said.employee_id)
        deal = await deal_to_change(tx, deal_id=deal_id, principal=principal, revision=revision)
        if said.from_at < deal.opened_at:
            raise Invalid.field(pointer="/from", message="earlier than the deal")
        thing = OwnedThing(thing_id=deal.deal_id, lead_id=deal.lead_id)
        number = await change_owner(tx, thing=thing, employee_id=said.employee_id, from_at=said.from_at)
        moved = OwnerMoved(thing=thing, revision=number, employee_id=said.employee_id, from_at=said.from_at)
        say_deal_moved(tx, moved)
        await pass_on_at_once(tx, stage=desk.stage, employee_id=said.employee_id, lead_id=deal.lead_id)
        raised = deal.revision
        return await tx.commit(await deal_view(tx.session, deal, now=tx.now)), raised


def say_deal_moved(tx: Transaction, moved: OwnerMoved) -> None:
    """Say `deal_owner_changed`. A move that lies ahead happened, as a decision, now."""
    tx.say(
        DealOwnerChanged(
            deal_id=moved.thing.thing_id,
            lead_id=moved.thing.lead_id,
            revision=moved.revision,
            employee_id=moved.employee_id,
            from_at=moved.from_at,
        ),
        occurred_at=min(moved.from_at, tx.now),
    )
