"""The roster changed, or a day began: offered handoffs of somebody who is gone or away get another person.

So do those that nobody has, or that a chain has room for by now. Whoever began the transaction commits it.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from conveyor.contracts.handoffs import HandoffRouted, RoutingReason
from conveyor.handoffs.routing import Routing, routing_of
from conveyor.handoffs.stage import ReceivingStage
from conveyor.handoffs.tables import ReceivedHandoff
from conveyor.kit.database import Transaction, lock
from conveyor.roster.queries import chain_mates, find_employee

# A choice made because of a deadline, or by the head, stands against the chain; only an empty chair undoes it.
_STANDS = frozenset({"overdue", "assigned"})


async def reroute_for_employee(tx: Transaction, *, stage: ReceivingStage, employee_id: UUID) -> None:
    """He came, left, is away, is back or changed: look again at what is routed to him, to nobody, or past his chain."""
    employee = await find_employee(tx.session, employee_id)
    if employee is None:
        return
    await lock(tx, "routing", stage.stage)
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
    await lock(tx, "routing", stage.stage)
    routing = await routing_of(tx.session, stage=stage, now=tx.now)
    concerned = ReceivedHandoff.offered_by.in_(member_ids)
    await _look_again(tx, stage=stage, routing=routing, where=concerned)


async def reroute_unattended(tx: Transaction, *, stage: ReceivingStage) -> int:
    """What lies with nobody, or with somebody who is gone or away today; answers how many got another person."""
    await lock(tx, "routing", stage.stage)
    routing = await routing_of(tx.session, stage=stage, now=tx.now)
    holders = await tx.session.scalars(
        select(ReceivedHandoff.routed_to)
        .distinct()
        .where(ReceivedHandoff.state == "offered", ReceivedHandoff.routed_to.is_not(None))
    )
    unattended = [one for one in holders if one is not None and not routing.works(one)]
    moved = 0
    for employee_id in sorted(unattended):
        employee = await find_employee(tx.session, employee_id)
        concerned: ColumnElement[bool] = ReceivedHandoff.routed_to == employee_id
        successor_id = employee.successor_id if employee else None
        moved += await _look_again(tx, stage=stage, routing=routing, where=concerned, successor_id=successor_id)
    return moved + await _look_again(tx, stage=stage, routing=routing, where=ReceivedHandoff.routed_to.is_(None))


async def _look_again(
    tx: Transaction,
    *,
    stage: ReceivingStage,
    routing: Routing,
    where: ColumnElement[bool],
    successor_id: UUID | None = None,
) -> int:
    offered = await tx.session.scalars(
        select(ReceivedHandoff)
        .where(ReceivedHandoff.state == "offered", where)
        .order_by(ReceivedHandoff.handoff_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    moved = 0
    for handoff in offered.all():
        if await _is_well_routed(handoff, routing):
            continue
        follows = successor_id is not None and routing.works(successor_id)
        chosen = successor_id if follows else await routing.choose(near=handoff.offered_by)
        if chosen != handoff.routed_to:
            route_to(tx, handoff, stage=stage, employee_id=chosen, reason="roster_changed")
            moved += 1
    return moved


def route_to(
    tx: Transaction, handoff: ReceivedHandoff, *, stage: ReceivingStage, employee_id: UUID | None, reason: RoutingReason
) -> None:
    """From now on he (nobody: None) should answer the handoff, which the caller has locked; says so."""
    handoff.routed_to = employee_id
    handoff.routed_because = reason
    handoff.revision += 1
    say_routed(tx, handoff, stage=stage, reason=reason)


def say_routed(tx: Transaction, handoff: ReceivedHandoff, *, stage: ReceivingStage, reason: RoutingReason) -> None:
    """Say with whom the handoff is now, and why."""
    said = HandoffRouted(
        handoff_id=handoff.handoff_id,
        lead_id=handoff.lead_id,
        to_stage=stage.stage,
        employee_id=handoff.routed_to,
        reason=reason,
    )
    tx.say(said, occurred_at=tx.now)


async def _is_well_routed(handoff: ReceivedHandoff, routing: Routing) -> bool:
    if handoff.routed_to is None:
        return False
    if handoff.routed_because in _STANDS:
        return routing.works(handoff.routed_to)
    return await routing.is_well_placed(handoff.routed_to, near=handoff.offered_by)
