"""Messages that were given up: look at them, run them again through their handlers, or discard them with a reason."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.context import current_context, use_context
from conveyor.kit.database import Database, Transaction, is_transient
from conveyor.kit.messaging.events import Listeners, WaitsFor
from conveyor.kit.messaging.giving_up import described, say_dead_letter, state_of
from conveyor.kit.messaging.handling import HandlerFailed, apply
from conveyor.kit.messaging.inbox import park
from conveyor.kit.messaging.incoming import Incoming, Message, NotAFact, read_message
from conveyor.kit.messaging.tables import DeadLetter
from conveyor.kit.operations.views import DeadLetterDetail, DeadLetterView
from conveyor.kit.refusals import Invalid, NotFound, Refusal


class DeadLetterSettled(Refusal):
    """This message was replayed or discarded already."""


class ReplayFailed(Refusal):
    """The message failed again; its reason was brought up to date."""


async def open_dead_letters(session: AsyncSession, *, limit: int) -> Sequence[DeadLetter]:
    """Dead letters that nobody has settled, oldest first."""
    statement = select(DeadLetter).where(DeadLetter.settled.is_(None))
    return (await session.scalars(statement.order_by(DeadLetter.died_at, DeadLetter.event_id).limit(limit))).all()


async def replay_dead_letter(database: Database, listeners: Listeners, *, event_id: UUID) -> DeadLetterView:
    """Run the message again as if it had just come. Raises NotFound, DeadLetterSettled or ReplayFailed."""
    try:
        async with database.transaction() as tx:
            letter = await _locked(tx, event_id)
            item = _readable(letter, listeners, service=database.service)
            if item is not None:
                await apply(tx, [item])
            return await _settle(tx, letter, "replayed", None)
    except HandlerFailed as failed:
        if is_transient(failed.error):
            raise failed.error from failed
        if isinstance(failed.error, WaitsFor):
            return await _parked_again(database, failed.item, failed.error)
        await _failed_again(database, failed)
        raise ReplayFailed from failed


async def discard_dead_letter(database: Database, *, event_id: UUID, reason: str) -> DeadLetterView:
    """Never handle the message, for this reason. Raises NotFound, DeadLetterSettled, or Invalid without a reason."""
    if not reason.strip():
        pointer = "/reason"
        raise Invalid.field(pointer, "say why")
    async with database.transaction() as tx:
        return await _settle(tx, await _locked(tx, event_id), "discarded", reason)


def view_of(letter: DeadLetter) -> DeadLetterView:
    """The letter without its body."""
    return DeadLetterView.model_validate(_shown(letter))


def detail_of(letter: DeadLetter) -> DeadLetterDetail:
    """The letter with its body and its traceback."""
    return DeadLetterDetail.model_validate(_shown(letter))


def _shown(letter: DeadLetter) -> dict[str, object]:
    return {
        "state": state_of(letter),
        **{name: getattr(letter, name) for name in DeadLetterDetail.model_fields if name != "state"},
    }


async def _parked_again(database: Database, item: Incoming, missing: WaitsFor) -> DeadLetterView:
    async with database.transaction() as tx:
        letter = await _locked(tx, item.event_id)
        await park(tx, item, missing)
        return await _settle(tx, letter, "replayed", str(missing))


async def _failed_again(database: Database, failed: HandlerFailed) -> None:
    # The refusal that follows is the answer; a request's key must not keep the commit of this note as one.
    with use_context(replace(current_context(), idempotency=None)):
        async with database.transaction() as tx:
            letter = await _locked(tx, failed.item.event_id)
            letter.reason, letter.traceback = described(failed.error)
            letter.replays += 1
            letter.revision += 1
            say_dead_letter(tx, letter)
            await tx.commit()


async def _locked(tx: Transaction, event_id: UUID) -> DeadLetter:
    letter = await tx.session.get(DeadLetter, event_id, with_for_update=True)
    if letter is None:
        raise NotFound
    if letter.settled is not None:
        raise DeadLetterSettled
    return letter


def _readable(letter: DeadLetter, listeners: Listeners, *, service: str) -> Incoming | None:
    message = Message(subject=letter.subject, body=letter.body.encode(), stream_seq=letter.stream_seq)
    try:
        return read_message(message, listeners=listeners, service=service)
    except NotAFact as wrong:
        raise ReplayFailed(str(wrong)) from wrong


async def _settle(tx: Transaction, letter: DeadLetter, how: str, reason: str | None) -> DeadLetterView:
    letter.settled = how
    letter.settled_at = tx.now
    letter.settled_by = current_context().actor
    letter.settled_reason = reason
    letter.revision += 1
    if how == "replayed":
        letter.replays += 1
    say_dead_letter(tx, letter)
    return await tx.commit(view_of(letter))
