"""How messages that failed are shown. Bodies hold personal data: they are in the details, for administrators alone."""

from datetime import datetime
from typing import TYPE_CHECKING, Self, cast
from uuid import UUID

from conveyor.contracts.messages import DeadLetterState
from conveyor.kit.http.models import AnswerModel

if TYPE_CHECKING:
    from conveyor.kit.messaging.tables import QuarantinedMessage

BODY_CHARS_MAX = 20_000


class MessageView(AnswerModel):
    """Which message it is: `subject` is `conveyor.<service>.<fact>.v<n>.<key>`."""

    event_id: UUID
    subject: str
    key: str


class DeadLetterView(MessageView):
    """A message whose handling failed for good. `settled_…` says who replayed or discarded it, and why."""

    state: DeadLetterState
    stream_seq: int
    attempts: int
    replays: int
    reason: str
    died_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    settled_reason: str | None


class DeadLetterDetail(DeadLetterView):
    """A dead letter with its body and the traceback of its last failure."""

    body: str
    traceback: str


class UnpublishableView(MessageView):
    """A fact that the broker refuses for good; later facts of its key wait in the outbox unless it was discarded."""

    created_at: datetime
    died_at: datetime
    reason: str
    waiting: int
    discarded_at: datetime | None
    discarded_by: str | None
    discarded_reason: str | None


class UnpublishableDetail(UnpublishableView):
    """An unpublishable fact with its body."""

    body: str


class ParkedView(MessageView):
    """A fact that waits for a `thing` named `awaited`; with `due_at` it is about to be handled again."""

    thing: str
    awaited: str
    parked_at: datetime
    due_at: datetime | None
    attempts: int


class QuarantinedView(AnswerModel):
    """A message that was no valid fact of the service it came from, when it came; it was not applied.

    `stream_seq` and `body_sha256` (64 hex digits) name it together. `settled_…` says who replayed or discarded it, why.
    """

    stream_seq: int
    body_sha256: str
    subject: str
    state: DeadLetterState
    reason: str
    quarantined_at: datetime
    body_bytes: int
    body: str
    settled_at: datetime | None
    settled_by: str | None
    settled_reason: str | None

    @classmethod
    def of(cls, row: "QuarantinedMessage", *, body_bytes: int | None = None, body: bytes | None = None) -> Self:
        """The view of a row, or of one whose body was read in part."""
        shown = row.body if body is None else body
        return cls(
            stream_seq=row.stream_seq,
            body_sha256=row.body_sha256.hex(),
            subject=row.subject,
            state=cast("DeadLetterState", row.settled or "open"),
            reason=row.reason,
            quarantined_at=row.quarantined_at,
            body_bytes=len(row.body) if body_bytes is None else body_bytes,
            body=shown.decode("utf-8", errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")[:BODY_CHARS_MAX],
            settled_at=row.settled_at,
            settled_by=row.settled_by,
            settled_reason=row.settled_reason,
        )


class GapView(AnswerModel):
    """Facts of `said_by` from [from_at, until_at) that are heard here and never came; `unseen` are their ids."""

    list_id: UUID
    said_by: str
    from_at: datetime
    until_at: datetime
    awaited: int
    missing: int
    unseen: list[UUID]
    compared_at: datetime | None
    accepted_at: datetime | None
    accepted_by: str | None
    accepted_reason: str | None


class Republished(AnswerModel):
    """How many facts go out again, how many were erased meanwhile, how many are not known as published here."""

    republished: int
    erased: int
    unknown: int


class Listed(AnswerModel):
    """How many facts the new list names; null when no time had passed since the last one."""

    facts: int | None
