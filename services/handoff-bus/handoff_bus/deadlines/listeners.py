"""An offer begins a deadline. Answers need no ear here: the watch over handoffs knows them, in whatever order."""

from sqlalchemy.dialects.postgresql import insert

from conveyor.contracts.handoffs import HandoffOffered
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from handoff_bus.deadlines.queries import policy_now
from handoff_bus.deadlines.rules import due_of
from handoff_bus.deadlines.tables import HandoffDeadline


def listen(listeners: Listeners) -> None:
    """Register after the watch over handoffs."""
    listeners.on(HandoffOffered, on_offered)


async def on_offered(tx: Transaction, event: Event[HandoffOffered]) -> None:
    """The time runs since the offer was recorded: nobody is late for what was only just told, however old it is."""
    fact = event.fact
    policy = await policy_now(tx.session)
    terms = policy.terms_at(event.recorded_at)
    direction = terms.of(fact.from_stage, fact.to_stage)
    if direction is None:
        return
    due = due_of(policy.hours_of(terms), direction, since=event.recorded_at)
    await tx.session.execute(
        insert(HandoffDeadline)
        .values(
            handoff_id=fact.handoff_id,
            lead_id=fact.lead_id,
            from_stage=fact.from_stage,
            to_stage=fact.to_stage,
            since=event.recorded_at,
            remind_at=due.remind_at,
            due_at=due.due_at,
            next_at=due.remind_at,
            computed_under=policy.stamp,
        )
        .on_conflict_do_nothing()
    )
