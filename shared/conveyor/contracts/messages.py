"""Facts about messages: what a service said, took and could not handle. Their own failures are not announced."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, StringConstraints

from conveyor.contracts.envelope import Fact
from conveyor.contracts.values import PERSONAL, Code, NonNegativeInt, Text, Value

DeadLetterState = Literal["open", "replayed", "discarded"]
MessageKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]


class FactAboutMessages(Fact):
    """A fact about the travel of other facts. A failure of one is kept where it happened and not announced."""


class DeadLetterRecorded(FactAboutMessages):
    """The service that says so gave the message up, or a person settled it; the highest revision stands.

    The whole state, without the message's body: that is in the stream at `stream_seq` and in the service's own
    database. Its key is the one of the message, so that whatever erases the message erases this too.
    """

    message_id: UUID
    revision: int
    key: MessageKey
    said_by: Code
    fact: Code
    stream_seq: NonNegativeInt
    attempts: NonNegativeInt
    replays: NonNegativeInt
    reason: Annotated[Text, PERSONAL]
    died_at: AwareDatetime
    state: DeadLetterState
    settled_at: AwareDatetime | None = None
    settled_by: Text | None = None
    settled_reason: Annotated[Text | None, PERSONAL] = None


class RegularReport(FactAboutMessages):
    """A fact that is said because time has passed. No list of publications names it, or there would be no end."""


class ListedFacts(Value):
    """Ids of facts of one kind."""

    fact: Code
    ids: tuple[UUID, ...]


class PublicationsListed(RegularReport):
    """What the service that says so said between two moments, by the moments inside the ids, which are UUIDv7.

    Stretches follow each other without a hole and end at midnight UTC at the latest. `part` counts from 1.
    """

    from_at: AwareDatetime
    until_at: AwareDatetime
    part: NonNegativeInt
    parts: NonNegativeInt
    facts: tuple[ListedFacts, ...]


class IntakeCompared(RegularReport):
    """The service that says so compared a list of `said_by` with what it took; the highest revision stands.

    `awaited` counts the listed facts that it hears, `missing_count` those that never came; `missing` names the first of
    these. With `accepted_reason` a person decided that they never will.
    """

    list_id: UUID
    said_by: Code
    from_at: AwareDatetime
    until_at: AwareDatetime
    revision: int
    awaited: NonNegativeInt
    missing_count: NonNegativeInt
    missing: tuple[UUID, ...] = ()
    accepted_reason: Text | None = None


class ParkedFor(Value):
    """So many facts wait for things of one kind, the first since `oldest_at`."""

    thing: Text
    facts: NonNegativeInt
    oldest_at: AwareDatetime


class BacklogReported(RegularReport):
    """What waits in the service that says so: said when it changed, every five minutes at most, and once an hour.

    `outbox` are facts that wait for publication for more than half a minute, `consumer` messages of the stream that are
    not handled (absent when the broker does not say), `missing` facts that a self-check found never came.
    """

    outbox: NonNegativeInt
    outbox_oldest_at: AwareDatetime | None = None
    consumer: NonNegativeInt | None = None
    unpublishable: NonNegativeInt
    dead_letters: NonNegativeInt
    quarantined: NonNegativeInt
    missing: NonNegativeInt
    parked: tuple[ParkedFor, ...] = ()
