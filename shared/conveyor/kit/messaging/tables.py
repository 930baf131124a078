"""The kit's tables in every service's database. Partitions of `outbox_log` and `inbox` are made by maintenance."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, Integer, LargeBinary, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class OutboxRow(Base):
    """A fact that was committed and not yet published. Rows live here for milliseconds.

    `copy` counts how often it was meant to be published: the broker drops a repetition of the same one, an inbox any.
    """

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    event_id: Mapped[UUID]
    subject: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    copy: Mapped[int] = mapped_column(SmallInteger, server_default="1")


class OutboxLogRow(Base):
    """A fact that was published: the stream can be seeded again from here.

    An erased one (`erased_at`) is kept without what was personal in it, and the stream has it no more.
    """

    __tablename__ = "outbox_log"
    __table_args__ = (
        Index("ix_outbox_log_stream_seq", "stream_seq"),
        Index("ix_outbox_log_key", "key", "id"),
        Index("ix_outbox_log_event_id", "event_id"),
        {"postgresql_partition_by": "RANGE (published_at)"},
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    published_at: Mapped[datetime] = mapped_column(primary_key=True)
    event_id: Mapped[UUID]
    subject: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    body: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    stream_seq: Mapped[int] = mapped_column(BigInteger)
    erased_at: Mapped[datetime | None]
    copy: Mapped[int] = mapped_column(SmallInteger, server_default="1")


class OutboxDeadRow(Base):
    """A fact that can never be published as it is. Later facts of its key wait in the outbox until it is settled.

    One that is tried again goes back to the outbox; one that is discarded stays here with the reason.
    """

    __tablename__ = "outbox_dead"
    __table_args__ = (Index("ix_outbox_dead_key", "key", postgresql_where=text("discarded_at IS NULL")),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[UUID]
    subject: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    died_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    discarded_at: Mapped[datetime | None]
    discarded_by: Mapped[str | None] = mapped_column(Text)
    discarded_reason: Mapped[str | None] = mapped_column(Text)
    copy: Mapped[int] = mapped_column(SmallInteger, server_default="1")


class InboxRow(Base):
    """A message that was handled, parked or given up. The hash tells a repetition from another body."""

    __tablename__ = "inbox"
    __table_args__ = {"postgresql_partition_by": "RANGE (event_id)"}  # noqa: RUF012 - SQLAlchemy reads it so

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    body_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    stream_seq: Mapped[int] = mapped_column(BigInteger)
    handled_at: Mapped[datetime]


class MessageAttempt(Base):
    """How often a message failed so far; counted here because the broker forgets."""

    __tablename__ = "message_attempts"

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    attempts: Mapped[int] = mapped_column(SmallInteger)
    first_failed_at: Mapped[datetime]
    last_failed_at: Mapped[datetime]


class DeadLetter(Base):
    """A message that failed too often, with the reason; `settled` is null until a person replayed or discarded it."""

    __tablename__ = "dead_letters"
    __table_args__ = (Index("ix_dead_letters_open", "died_at", postgresql_where=text("settled IS NULL")),)

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    stream_seq: Mapped[int] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str] = mapped_column(Text)
    traceback: Mapped[str] = mapped_column(Text)
    died_at: Mapped[datetime]
    replays: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    settled: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(Text)
    settled_reason: Mapped[str | None] = mapped_column(Text)


class QuarantinedMessage(Base):
    """A message that is no valid fact of the service it came from; it was not applied.

    `settled` is null until a person replayed it, now that it is one, or discarded it.
    """

    __tablename__ = "quarantined_messages"
    __table_args__ = (
        Index("ix_quarantined_messages_open", "quarantined_at", postgresql_where=text("settled IS NULL")),
    )

    stream_seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    body_sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    reason: Mapped[str] = mapped_column(Text)
    quarantined_at: Mapped[datetime]
    settled: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(Text)
    settled_reason: Mapped[str | None] = mapped_column(Text)


class ParkedFact(Base):
    """A fact that waits for (`thing`, `key`); with `due_at` it is to be handled again from then on."""

    __tablename__ = "parked_facts"
    __table_args__ = (
        Index("ix_parked_facts_thing", "thing", "key"),
        Index("ix_parked_facts_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    thing: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    stream_seq: Mapped[int] = mapped_column(BigInteger)
    parked_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    releases: Mapped[int] = mapped_column(Integer, server_default="0")
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")


class ErasedKey(Base):
    """Facts under this key are handled without the person who is a `part` of it; the zero id is everybody."""

    __tablename__ = "erased_keys"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    part: Mapped[UUID] = mapped_column(primary_key=True)
    pseudonym: Mapped[str] = mapped_column(Text)


class IdempotencyKey(Base):
    """An Idempotency-Key of a caller with the answer that its first request got."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_created_at", "created_at"),)

    principal: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    body: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
