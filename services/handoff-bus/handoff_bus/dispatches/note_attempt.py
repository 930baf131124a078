"""Keep what came back of a dispatch, and what follows for it and for its subscription."""

from uuid import UUID

from sqlalchemy import select

from conveyor.kit.database import Database, Transaction
from conveyor.kit.ids import new_id
from handoff_bus.dispatches.rules import PING, Attempt, Verdict, verdict_of
from handoff_bus.dispatches.tables import ERASED, Dispatch, DispatchAttempt, DispatchedFact
from handoff_bus.subscriptions.switch_subscription import disable
from handoff_bus.subscriptions.tables import Subscription


async def note_attempt(database: Database, *, dispatch_id: UUID, attempt: Attempt, took_ms: int, jitter: float) -> None:
    """The attempt goes into the log in any case; one that was settled otherwise meanwhile stays as it is."""
    async with database.transaction() as tx:
        # In the order in which everybody locks: the subscription, then its dispatches.
        subscription = await tx.session.scalar(
            select(Subscription)
            .join(Dispatch, Dispatch.subscription_id == Subscription.subscription_id)
            .where(Dispatch.dispatch_id == dispatch_id)
            .with_for_update(of=Subscription)
        )
        dispatch = await tx.session.scalar(
            select(Dispatch).where(Dispatch.dispatch_id == dispatch_id).with_for_update()
        )
        if subscription is None or dispatch is None:
            return
        # Whoever was erased while the receiver had it in hand is not brought back by what it says of him.
        is_erased = await tx.session.scalar(
            select(DispatchedFact.body == ERASED).where(DispatchedFact.event_id == dispatch.event_id)
        )
        tx.session.add(
            DispatchAttempt(
                attempt_id=new_id(),
                dispatch_id=dispatch_id,
                at=tx.now,
                outcome=attempt.outcome,
                status=attempt.status,
                detail=None if is_erased else attempt.detail,
                took_ms=took_ms,
            )
        )
        if dispatch.state in {"pending", "held"}:
            dispatch.attempts += 1
            verdict = verdict_of(
                attempt,
                type_=dispatch.type,
                attempts=dispatch.attempts,
                failing_since=subscription.failing_since,
                jitter=jitter,
                now=tx.now,
            )
            await _follow(tx, subscription, dispatch, verdict)
        await tx.commit()


async def _follow(tx: Transaction, subscription: Subscription, dispatch: Dispatch, verdict: Verdict) -> None:
    if verdict.state == "delivered":
        subscription.failing_since = None
    elif dispatch.type != PING:
        subscription.failing_since = subscription.failing_since or tx.now
    is_held = dispatch.state == "held" and verdict.state == "pending"
    dispatch.state = "held" if is_held else verdict.state
    dispatch.next_at = None if is_held else verdict.next_at
    dispatch.ended_at = tx.now if verdict.state in {"delivered", "failed"} else None
    subscription.rest_until = verdict.rest_until
    await tx.session.flush()
    if verdict.disable is not None and subscription.state == "enabled":
        await disable(tx, subscription, reason=verdict.disable)
