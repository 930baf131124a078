"""Say what is due: a reminder, overdue, overdue again; each at most once for a handoff, whoever looks and how often."""

from datetime import datetime, timedelta

from sqlalchemy import select

from conveyor.contracts.handoffs import HandoffDueSoon, HandoffOverdue
from conveyor.contracts.values import Stage
from conveyor.kit.database import Database, Transaction
from handoff_bus.deadlines.queries import Policy, policy_now
from handoff_bus.deadlines.rules import due_of
from handoff_bus.deadlines.tables import HandoffDeadline
from handoff_bus.handoffs.tables import WatchedHandoff

AT_ONCE = 200


async def say_due(database: Database) -> int:
    """One round; answers how many deadlines it looked at. Rows that another replica holds are left to it."""
    async with database.transaction() as tx:
        policy = await policy_now(tx.session)
        rows = await tx.session.execute(
            select(HandoffDeadline, WatchedHandoff)
            .join(WatchedHandoff, WatchedHandoff.handoff_id == HandoffDeadline.handoff_id)
            .where(
                HandoffDeadline.next_at.is_not(None),
                (HandoffDeadline.next_at <= tx.now) | (HandoffDeadline.computed_under != policy.stamp),
            )
            .order_by(HandoffDeadline.next_at)
            .limit(AT_ONCE)
            .with_for_update(of=HandoffDeadline, skip_locked=True)
            .execution_options(populate_existing=True)
        )
        found = rows.all()
        for deadline, handoff in found:
            if handoff.state != "offered":
                deadline.next_at = None
                continue
            if deadline.computed_under != policy.stamp:
                _compute_anew(deadline, policy)
            if deadline.next_at is not None and deadline.next_at <= tx.now:
                _say(tx, deadline, handoff, policy)
        await tx.commit(None)
        return len(found)


def _compute_anew(deadline: HandoffDeadline, policy: Policy) -> None:
    """Under another calendar or policy; what was said stays said."""
    deadline.computed_under = policy.stamp
    terms = policy.terms_at(deadline.since)
    direction = terms.of(deadline.from_stage, deadline.to_stage)
    if direction is None:
        deadline.next_at = None
        return
    hours = policy.hours_of(terms)
    if deadline.first_overdue_at is not None:
        deadline.due_at = hours.after(deadline.first_overdue_at, timedelta(minutes=direction.again_minutes))
        deadline.next_at = deadline.due_at
        return
    due = due_of(hours, direction, since=deadline.since)
    deadline.remind_at, deadline.due_at = due.remind_at, due.due_at
    deadline.next_at = due.remind_at if deadline.reminded_at is None else due.due_at


def _say(tx: Transaction, deadline: HandoffDeadline, handoff: WatchedHandoff, policy: Policy) -> None:
    if deadline.first_overdue_at is not None:
        _overdue(tx, deadline, handoff, level=2)
        deadline.second_overdue_at, deadline.second_overdue_by = tx.now, handoff.employee_id
        deadline.next_at = None
    elif deadline.due_at <= tx.now:
        _overdue(tx, deadline, handoff, level=1)
        deadline.first_overdue_at, deadline.first_overdue_by = tx.now, handoff.employee_id
        # Whoever gets it now has the whole time again, also when the bus itself was down meanwhile.
        again_at = _once_more(deadline, policy, since=tx.now)
        deadline.due_at, deadline.next_at = again_at or deadline.due_at, again_at
    else:
        stage: Stage = deadline.to_stage  # type: ignore[assignment] # the column holds what a fact's Stage said
        said = HandoffDueSoon(
            handoff_id=deadline.handoff_id,
            lead_id=deadline.lead_id,
            to_stage=stage,
            employee_id=handoff.employee_id,
            due_at=deadline.due_at,
        )
        tx.say(said, occurred_at=tx.now)
        deadline.reminded_at = tx.now
        deadline.next_at = deadline.due_at


def _once_more(deadline: HandoffDeadline, policy: Policy, *, since: datetime) -> datetime | None:
    terms = policy.terms_at(deadline.since)
    direction = terms.of(deadline.from_stage, deadline.to_stage)
    if direction is None:
        return None
    return policy.hours_of(terms).after(since, timedelta(minutes=direction.again_minutes))


def _overdue(tx: Transaction, deadline: HandoffDeadline, handoff: WatchedHandoff, *, level: int) -> None:
    tx.say(
        HandoffOverdue.model_validate(
            {
                "handoff_id": deadline.handoff_id,
                "lead_id": deadline.lead_id,
                "to_stage": deadline.to_stage,
                "employee_id": handoff.employee_id,
                "level": level,
                "due_at": deadline.due_at,
            }
        ),
        occurred_at=tx.now,
    )
