"""Messages that were never applied because they were no valid facts: look at them, read them again, or discard them.

What made a message invalid may be mended here: a service that did not know its version yet, an owner that the registry
did not have. A forged one stays refused whoever asks.
"""

from dataclasses import replace
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.context import current_context, use_context
from conveyor.kit.database import Database, Transaction, is_transient
from conveyor.kit.messaging.events import Listeners, WaitsFor
from conveyor.kit.messaging.handling import HandlerFailed, apply
from conveyor.kit.messaging.inbox import REASON_CHARS_MAX, enter, park
from conveyor.kit.messaging.incoming import Incoming, Message, NotAFact, read_message
from conveyor.kit.messaging.tables import QuarantinedMessage
from conveyor.kit.operations.views import QuarantinedView
from conveyor.kit.refusals import Invalid, NotFound, Refusal

Settled = Literal["replayed", "discarded"]


class QuarantineSettled(Refusal):
    """This message was replayed or discarded already."""


class StillNotAFact(Refusal):
    """The message is still no valid fact of the service it came from; its reason was brought up to date."""


class QuarantineReplayFailed(Refusal):
    """The message is a valid fact now, but its handler fails on it; mend that and replay it again."""


class QuarantinedBodyErased(Refusal):
    """Somebody in this message was erased; nothing of it is left to read."""


async def replay_quarantined(
    database: Database, listeners: Listeners, *, stream_seq: int, body_sha256: str
) -> QuarantinedView:
    """Read the message as if it had just come; a fact takes effect once, however it comes.

    Raises NotFound, QuarantineSettled, QuarantinedBodyErased, StillNotAFact, QuarantineReplayFailed.
    """
    try:
        async with database.transaction() as tx:
            row = await _locked(tx.session, stream_seq, body_sha256)
            if not row.body:
                raise QuarantinedBodyErased
            item = _read(row, listeners, service=database.service)
            if item is not None:
                await _take(tx, item)
            return await _settle(tx, row, "replayed", None)
    except NotAFact as wrong:
        await _note(database, stream_seq, body_sha256, str(wrong))
        raise StillNotAFact(str(wrong)) from wrong
    except HandlerFailed as failed:
        if is_transient(failed.error):
            raise failed.error from failed
        if isinstance(failed.error, WaitsFor):
            return await _parked(database, failed.item, failed.error, stream_seq, body_sha256)
        raise QuarantineReplayFailed from failed


async def discard_quarantined(database: Database, *, stream_seq: int, body_sha256: str, reason: str) -> QuarantinedView:
    """Never apply the message, for this reason. Raises NotFound, QuarantineSettled, or Invalid without a reason."""
    if not reason.strip():
        pointer = "/reason"
        raise Invalid.field(pointer, "say why")
    async with database.transaction() as tx:
        return await _settle(tx, await _locked(tx.session, stream_seq, body_sha256), "discarded", reason)


def _read(row: QuarantinedMessage, listeners: Listeners, *, service: str) -> Incoming | None:
    message = Message(subject=row.subject, body=row.body, stream_seq=row.stream_seq)
    return read_message(message, listeners=listeners, service=service)


async def _take(tx: Transaction, item: Incoming) -> None:
    new, forged = await enter(tx, [item])
    if forged:
        raise NotAFact(forged[0][1])
    await apply(tx, new)


async def _parked(
    database: Database, item: Incoming, missing: WaitsFor, stream_seq: int, body_sha256: str
) -> QuarantinedView:
    async with database.transaction() as tx:
        row = await _locked(tx.session, stream_seq, body_sha256)
        new, _ = await enter(tx, [item])
        if new:
            await park(tx, item, missing)
        return await _settle(tx, row, "replayed", str(missing))


async def _note(database: Database, stream_seq: int, body_sha256: str, reason: str) -> None:
    # The refusal that follows is the answer; a request's key must not keep the commit of this note as one.
    with use_context(replace(current_context(), idempotency=None)):
        async with database.transaction() as tx:
            row = await _locked(tx.session, stream_seq, body_sha256)
            row.reason = reason[:REASON_CHARS_MAX]
            await tx.commit()


async def _locked(session: AsyncSession, stream_seq: int, body_sha256: str) -> QuarantinedMessage:
    key = (stream_seq, bytes.fromhex(body_sha256))
    row = await session.get(QuarantinedMessage, key, with_for_update=True)
    if row is None:
        raise NotFound
    if row.settled is not None:
        raise QuarantineSettled
    return row


async def _settle(tx: Transaction, row: QuarantinedMessage, how: Settled, reason: str | None) -> QuarantinedView:
    row.settled, row.settled_at = how, tx.now
    row.settled_by, row.settled_reason = current_context().actor, reason
    await tx.session.flush()
    return await tx.commit(QuarantinedView.of(row))
