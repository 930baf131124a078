"""Write what is to be told to whom, in the transaction in which the facts take effect: none is lost, none doubled."""

from collections.abc import Sequence

from sqlalchemy import select, text

from conveyor.contracts.envelope import Fact
from conveyor.kit.database import Transaction
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.events import Event
from handoff_bus.dispatches.rules import body_of
from handoff_bus.subscriptions.tables import Subscription

_FACTS = text("""
    INSERT INTO dispatched_facts (event_id, type, lead_id, body, created_at)
    SELECT event_id, type, lead_id, body, :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:types AS text[]), CAST(:leads AS uuid[]), CAST(:bodies AS text[]))
        AS told (event_id, type, lead_id, body)
    ON CONFLICT (event_id) DO NOTHING
""")
_DISPATCHES = text("""
    INSERT INTO dispatches
        (dispatch_id, subscription_id, event_id, type, lead_id, state, attempts, next_at, created_at)
    SELECT dispatch_id, subscription_id, event_id, type, lead_id, state, 0,
        CASE state WHEN 'pending' THEN CAST(:now AS timestamptz) END, :now
    FROM unnest(
        CAST(:dispatches AS uuid[]), CAST(:subscriptions AS uuid[]), CAST(:ids AS uuid[]), CAST(:types AS text[]),
        CAST(:leads AS uuid[]), CAST(:states AS text[])
    ) AS told (dispatch_id, subscription_id, event_id, type, lead_id, state)
    ON CONFLICT (subscription_id, event_id) DO NOTHING
""")


async def write_dispatches(tx: Transaction, events: Sequence[Event[Fact]]) -> bool:
    """A dispatch for each of these facts and each living subscription that wishes for it; says whether there are any.

    Those of a disabled subscription are held. The subscriptions stay as they are until the transaction ends.
    """
    subscriptions = (
        await tx.session.scalars(
            select(Subscription)
            .where(
                Subscription.state != "ended",
                Subscription.fact_types.overlap(sorted({event.kind.code for event in events})),
            )
            .order_by(Subscription.subscription_id)
            .with_for_update(read=True)
            .execution_options(populate_existing=True)
        )
    ).all()
    told = [
        (subscription, event)
        for event in events
        for subscription in subscriptions
        if event.kind.code in subscription.fact_types
    ]
    if not told:
        return False
    facts = list({event.id: event for _, event in told}.values())
    await tx.session.execute(_FACTS, {**_columns(facts), "bodies": [_body(event) for event in facts], "now": tx.now})
    await tx.session.execute(
        _DISPATCHES,
        {
            **_columns([event for _, event in told]),
            "dispatches": [new_id() for _ in told],
            "subscriptions": [subscription.subscription_id for subscription, _ in told],
            "states": ["pending" if subscription.state == "enabled" else "held" for subscription, _ in told],
            "now": tx.now,
        },
    )
    return True


def _columns(events: Sequence[Event[Fact]]) -> dict[str, list[object]]:
    return {
        "ids": [event.id for event in events],
        "types": [event.kind.code for event in events],
        "leads": [getattr(event.fact, "lead_id", None) for event in events],
    }


def _body(event: Event[Fact]) -> str:
    data = event.fact.model_dump_json().encode()
    return body_of(type_=event.kind.code, occurred_at=event.occurred_at, data=data)
