"""What leads answered."""

from sqlalchemy.dialects.postgresql import insert as upsert

from conveyor.contracts.outside import ReplyReceived
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from telemarketing.replies.tables import Reply
from telemarketing.standing.settle import settle_later


def listen(listeners: Listeners) -> None:
    """Replies."""
    listeners.on(ReplyReceived, on_reply_received)


async def on_reply_received(tx: Transaction, event: Event[ReplyReceived]) -> None:
    """Keep the reply; the queue brings the lead forward when it is due."""
    fact = event.fact
    await tx.session.execute(
        upsert(Reply)
        .values(
            source=fact.source,
            reply_id=fact.reply_id,
            lead_id=fact.lead_id,
            employee_id=fact.employee_id,
            kind=fact.kind,
            body=fact.text,
            received_at=fact.received_at,
            delivery_id=fact.delivery_id,
        )
        .on_conflict_do_nothing()
    )
    settle_later(tx, fact.lead_id)
