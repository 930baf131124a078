"""The bus said that a handoff is nearly due, or overdue: another person, then the head. The consumer commits.

The first time nobody answers in time, the offer of that person has run out and the handoff is offered to another one:
the same handoff, so that one stays open at most and the later credit keeps its key. The second time the head sees it.
"""

from conveyor.contracts.handoffs import HandoffDueSoon, HandoffOverdue
from conveyor.handoffs.queries import received_for_update
from conveyor.handoffs.reroute_handoffs import route_to, say_routed
from conveyor.handoffs.routing import routing_of
from conveyor.handoffs.rules import OVERDUE_TWICE
from conveyor.handoffs.stage import ReceivingStage
from conveyor.handoffs.tables import ReceivedHandoff
from conveyor.kit.database import Transaction, lock
from conveyor.kit.messaging.events import Event, WaitsFor

DeadlineEvent = Event[HandoffDueSoon] | Event[HandoffOverdue]


async def note_due_soon(tx: Transaction, event: Event[HandoffDueSoon], *, stage: ReceivingStage) -> None:
    """Show when it is due; an overdue one knows better already."""
    handoff = await _open_handoff(tx, event, stage=stage)
    if handoff is not None and handoff.overdue_level == 0:
        handoff.due_at = event.fact.due_at


async def follow_overdue(tx: Transaction, event: Event[HandoffOverdue], *, stage: ReceivingStage) -> None:
    """Re-route once, escalate once, whatever comes first or twice. An answered handoff is left alone."""
    level = event.fact.level
    if event.fact.to_stage == stage.stage:
        await lock(tx, "routing", stage.stage)
    handoff = await _open_handoff(tx, event, stage=stage)
    if handoff is None or level <= handoff.overdue_level:
        return
    was_in_time, handoff.overdue_level, handoff.due_at = handoff.overdue_level == 0, level, event.fact.due_at
    if was_in_time:
        await _reoffer(tx, handoff, stage=stage)
    if level == OVERDUE_TWICE:
        handoff.escalated_at = tx.now
        handoff.revision += 1
        say_routed(tx, handoff, stage=stage, reason="escalated")


async def _reoffer(tx: Transaction, handoff: ReceivedHandoff, *, stage: ReceivingStage) -> None:
    routing = await routing_of(tx.session, stage=stage, now=tx.now)
    other = await routing.choose(near=handoff.offered_by, other_than=handoff.routed_to)
    # With nobody else there it stays where it is; the head hears of it the second time.
    if other is not None:
        route_to(tx, handoff, stage=stage, employee_id=other, reason="overdue")


async def _open_handoff(tx: Transaction, event: DeadlineEvent, *, stage: ReceivingStage) -> ReceivedHandoff | None:
    if event.fact.to_stage != stage.stage:
        return None
    handoff = await received_for_update(tx.session, event.fact.handoff_id)
    if handoff is None:
        thing = "handoff"
        raise WaitsFor(thing, event.fact.handoff_id)
    return handoff if handoff.state == "offered" else None
