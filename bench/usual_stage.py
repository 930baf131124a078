"""A stage of the flow as it is usually written: FastStream, one message, one ORM session, one commit.

Also the source before it: a handler that keeps the delivery in a session of its own, commits and publishes. Run by
`usual_flow.py` in a process of its own, `python -m bench.usual_stage`, which tells when it began and ended. FastStream
is no part of the project's environment; `make bench` installs it beside.
"""

import asyncio
import hashlib
import time
from contextlib import suppress
from typing import Any
from uuid import UUID

from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from faststream.security import SASLPlaintext
from pydantic import BaseModel
from sqlalchemy import BigInteger, Identity, LargeBinary, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bench.bare_flow import FILLER, Loop, Span
from bench.child import tell
from conveyor.kit.ids import new_id

HANDLERS_OF_THE_SOURCE = 32
PULLED_AT_ONCE = 200
"""Fetched with one request; each has a session of its own."""
PULL_SECONDS = 60.0
"""A pull that ends without a message is an error to FastStream, which begins anew and loses what comes meanwhile."""


class Base(DeclarativeBase):
    """The tables of the bare floor, mapped."""


class Delivery(Base):
    """One webhook request."""

    __tablename__ = "deliveries"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(Text)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    headers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text)


class OutsideId(Base):
    """What the outside numbers."""

    __tablename__ = "outside_ids"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    delivery_id: Mapped[UUID]


class OutboxLog(Base):
    """What was said."""

    __tablename__ = "outbox_log"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)


class Inbox(Base):
    """What took effect."""

    __tablename__ = "inbox"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    seq: Mapped[int] = mapped_column(BigInteger)


class Payment(Base):
    """Money of a client."""

    __tablename__ = "payments"
    source: Mapped[str] = mapped_column(Text, primary_key=True)
    payment_id: Mapped[str] = mapped_column(Text, primary_key=True)
    lead_id: Mapped[UUID]
    amount: Mapped[int] = mapped_column(BigInteger)


class StoredFact(Base):
    """The copy that pay is computed from."""

    __tablename__ = "facts"
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    identity: Mapped[str] = mapped_column(Text, primary_key=True)
    lead_id: Mapped[UUID]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Entry(Base):
    """A line of the journal."""

    __tablename__ = "entries"
    no: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    id: Mapped[UUID]
    cause: Mapped[str] = mapped_column(Text)
    lead_id: Mapped[UUID]
    amount: Mapped[int] = mapped_column(BigInteger)
    explanation: Mapped[dict[str, Any]] = mapped_column(JSONB)
    hash: Mapped[str] = mapped_column(Text)


class PaymentReceived(BaseModel):
    """The message."""

    id: UUID
    lead_id: UUID
    filler: str


Sessions = async_sessionmaker[AsyncSession]


async def _work(loop: Loop) -> Span:
    url = loop.database_url.replace("postgresql://", "postgresql+asyncpg://")
    engine = create_async_engine(url, pool_size=HANDLERS_OF_THE_SOURCE, max_overflow=0)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    broker = NatsBroker(
        loop.nats_url,
        security=SASLPlaintext(username=loop.service, password=loop.nats_password),
        inbox_prefix=_inbox_of(loop),
        logger=None,
    )
    work = _be_the_source if loop.service == "handoff-bus" else _be_a_stage
    began = time.perf_counter()
    await work(loop, broker, sessions)
    ended = time.perf_counter()
    await broker.stop()
    await engine.dispose()
    return Span(began if loop.service == "handoff-bus" else ended, ended)


def _inbox_of(loop: Loop) -> bytes:
    return f"_INBOX_{loop.service.replace('-', '_')}".encode()


async def _be_the_source(loop: Loop, broker: NatsBroker, sessions: Sessions) -> None:
    """So many requests on their way at once, as a web server has them."""
    await broker.connect()
    numbers = iter(range(loop.number))

    async def handle_requests() -> None:
        for _ in numbers:
            await _receive(broker, sessions)

    await asyncio.gather(*(handle_requests() for _ in range(HANDLERS_OF_THE_SOURCE)))


async def _receive(broker: NatsBroker, sessions: Sessions) -> None:
    payment = PaymentReceived(id=(key := new_id()), lead_id=key, filler=FILLER)
    subject = f"conveyor.handoff-bus.payment_received.v1.{key}"
    body = payment.model_dump_json()
    async with sessions.begin() as session:
        session.add(Delivery(id=key, dedupe_key=str(key), body=body.encode(), headers={}, state="published"))
        session.add(OutsideId(id=str(key), delivery_id=key))
        session.add(OutboxLog(id=key, subject=subject, body=body))
    await broker.publish(payment, subject, stream="CONVEYOR")


async def _be_a_stage(loop: Loop, broker: NatsBroker, sessions: Sessions) -> None:
    done = asyncio.Event()
    handled: set[UUID] = set()

    @broker.subscriber(
        "conveyor.>",
        stream=JStream("CONVEYOR", declare=False),
        durable=loop.service,
        pull_sub=PullSub(batch_size=PULLED_AT_ONCE, timeout=PULL_SECONDS),
        inbox_prefix=_inbox_of(loop) + b".",
    )
    async def on_payment(payment: PaymentReceived, message: NatsMessage) -> None:
        with suppress(IntegrityError):  # the inbox knows it: it came again
            await _take_effect(sessions, payment, hashlib.sha256(message.body).digest())
        handled.add(payment.id)
        if len(handled) == loop.number:
            done.set()

    await broker.start()
    await done.wait()


async def _take_effect(sessions: Sessions, payment: PaymentReceived, digest: bytes) -> None:
    key, body, lead_id = str(payment.id), payment.model_dump(mode="json"), payment.lead_id
    async with sessions.begin() as session:
        session.add(Inbox(id=payment.id, digest=digest, seq=1))
        session.add(Payment(source="bank", payment_id=key, lead_id=lead_id, amount=1))
        session.add(StoredFact(kind="payment", identity=key, lead_id=lead_id, body=body))
        session.add(Entry(id=payment.id, cause=key, lead_id=lead_id, amount=1, explanation=body, hash="hash"))


if __name__ == "__main__":
    tell(Loop, _work)
