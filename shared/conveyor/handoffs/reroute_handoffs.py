"""The roster changed: offered handoffs of somebody who left, or that nobody of the chain has, get another person.

The consumer commits.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from conveyor.contracts.handoffs import HandoffRouted
from conveyor.handoffs.routing import Routing, routing_of
from conveyor.handoffs.stage import ReceivingStage
from conveyor.handoffs.tables import ReceivedHandoff
from conveyor.kit.database import Transaction
from conveyor.roster.queries import chain_mates, find_employee


async def reroute_for_employee(tx: Transaction, *, stage: ReceivingStage, employee_id: UUID) -> None:
    """He came, left or changed: look again at what is routed to him, to nobody, or past his own chain."""
    employee = await find_employee(tx.session, employee_id)
    if employee is None:
        return
    routing = await routing_of(tx.session, stage=stage, now=tx.now)
    if not routing.works(employee_id):
        concerned = ReceivedHandoff.routed_to == employee_id
        await _look_again(tx, stage=stage, routing=routing, where=concerned, successor_id=employee.successor_id)
        return
    mates = await chain_mates(tx.session, employee_id, routing.today)
    concerned = or_(ReceivedHandoff.routed_to.is_(None), ReceivedHandoff.offered_by.in_(mates))
    await _look_again(tx, stage=stage, routing=routing, where=concerned)


async def reroute_for_chain(tx: Transaction, *, stage: ReceivingStage, member_ids: Collection[UUID]) -> None:
    """A chain became known: what its members offered goes to its own people, if the offer overtook the chain."""
    routing = await routing_of(tx.session, stage=stage, now=tx.now)
    concerned = ReceivedHandoff.offered_by.in_(member_ids)
    await _look_again(tx, stage=stage, routing=routing, where=concerned)


async def _look_again(
    tx: Transaction,
    *,
    stage: ReceivingStage,
    routing: Routing,
    where: ColumnElement[bool],
    successor_id: UUID | None = None,
) -> None:
    offered = await tx.session.scalars(
        select(ReceivedHandoff)
        .where(ReceivedHandoff.state == "offered", where)
        .order_by(ReceivedHandoff.handoff_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for handoff in offered.all():
        if await _is_well_routed(handoff, routing):
            continue
        follows = successor_id is not None and routing.works(successor_id)
        chosen = successor_id if follows else await routing.choose(near=handoff.offered_by)
        if chosen != handoff.routed_to:
            handoff.routed_to = chosen
            handoff.revision += 1
            said = HandoffRouted(
                handoff_id=handoff.handoff_id, lead_id=handoff.lead_id, to_stage=stage.stage, employee_id=chosen
            )
            tx.say(said, occurred_at=tx.now)


async def _is_well_routed(handoff: ReceivedHandoff, routing: Routing) -> bool:
    if handoff.routed_to is None or not routing.works(handoff.routed_to):
        return False
    colleagues = await routing.colleagues(handoff.offered_by)
    return not colleagues or handoff.routed_to in colleagues
