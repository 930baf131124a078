"""A message is given up: it moves to the dead letters, and the service says so in the same transaction."""

import traceback
from typing import cast
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from conveyor.contracts.messages import DeadLetterRecorded, DeadLetterState, FactAboutMessages
from conveyor.contracts.registry import KIND_OF_TYPE
from conveyor.kit.context import use_context
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.erased import without_erased
from conveyor.kit.messaging.inbox import REASON_CHARS_MAX, forget_failures
from conveyor.kit.messaging.incoming import Incoming, Message
from conveyor.kit.messaging.tables import DeadLetter

TRACEBACK_CHARS_MAX = 20_000
SAID_CHARS_MAX = 300


async def give_up(tx: Transaction, item: Incoming, *, attempts: int, error: BaseException) -> None:
    """Move the message to the dead letters with the reason and the traceback; one that was settled before opens again.

    It may have been replayed, then waited for something, and failed when that came.
    """
    reason, trace = described(error)
    [bare] = await without_erased(tx.session, [item])
    if bare is not item:
        reason, trace = type(error).__name__, ""
    with use_context(item.context):
        await _open(tx, item.event_id, bare.message, attempts=attempts, reason=reason, trace=trace)
    await forget_failures(tx, item)


async def give_up_unheard(tx: Transaction, event_id: UUID, message: Message, *, attempts: int, reason: str) -> None:
    """The same for a message that this version of the service cannot read or does not hear; another one may."""
    await _open(tx, event_id, message, attempts=attempts, reason=reason[:REASON_CHARS_MAX], trace="")


async def _open(tx: Transaction, event_id: UUID, message: Message, *, attempts: int, reason: str, trace: str) -> None:
    died = {"attempts": attempts, "reason": reason, "traceback": trace, "died_at": tx.now}
    row = {
        "event_id": event_id,
        "subject": message.subject,
        "key": message.subject.rpartition(".")[2],
        "body": message.body.decode(),
        "stream_seq": message.stream_seq,
        **died,
    }
    statement = insert(DeadLetter).values(row)
    opened = dict.fromkeys(("settled", "settled_at", "settled_by", "settled_reason"))
    letter = await tx.session.scalar(
        statement.on_conflict_do_update(
            index_elements=[DeadLetter.event_id],
            set_=died | opened | {"revision": DeadLetter.revision + 1},
            where=DeadLetter.settled.is_not(None),
        ).returning(DeadLetter),
        execution_options={"populate_existing": True},
    )
    if letter is not None:
        say_dead_letter(tx, letter)


def say_dead_letter(tx: Transaction, letter: DeadLetter) -> None:
    """Say the whole state of the letter; not of one about a fact about messages, which could go on for ever."""
    kind = KIND_OF_TYPE.get(letter.subject.rpartition(".")[0])
    if kind is None or issubclass(kind.model, FactAboutMessages):
        return
    tx.say(
        DeadLetterRecorded(
            message_id=letter.event_id,
            revision=letter.revision,
            key=letter.key,
            said_by=letter.subject.split(".")[1],
            fact=kind.code,
            stream_seq=letter.stream_seq,
            attempts=letter.attempts,
            replays=letter.replays,
            reason=_one_line(letter.reason) or "unknown",
            died_at=letter.died_at,
            state=state_of(letter),
            settled_at=letter.settled_at,
            settled_by=letter.settled_by,
            settled_reason=_one_line(letter.settled_reason),
        )
    )


def state_of(letter: DeadLetter) -> DeadLetterState:
    """Open until a person settled it; the database knows no other word."""
    return cast("DeadLetterState", letter.settled or "open")


def described(error: BaseException) -> tuple[str, str]:
    """The reason in one line and the traceback, both free of NUL and of bounded length."""
    reason = f"{type(error).__name__}: {error}".replace("\x00", "")
    trace = "".join(traceback.format_exception(error)).replace("\x00", "")
    return reason[:REASON_CHARS_MAX], trace[-TRACEBACK_CHARS_MAX:]


def _one_line(text: str | None) -> str | None:
    # What follows the first line of a database error are statements and values; they stay with the service.
    lines = text.strip().splitlines() if text else []
    return lines[0][:SAID_CHARS_MAX] if lines else None
