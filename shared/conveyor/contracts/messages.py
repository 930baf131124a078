"""Facts about messages: what a service could not handle. Nothing is said about failures of these facts themselves."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, StringConstraints

from conveyor.contracts.envelope import Fact
from conveyor.contracts.values import PERSONAL, Code, NonNegativeInt, Text

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
