"""One service's database: transactions that say facts, and reading.

A fact is said with `Transaction.say` and becomes an outbox row at commit, after the row locks of the work, so that for
one key the order of outbox ids is the order of commits.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import MetaData, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import DateTime, Uuid

from conveyor.contracts.envelope import Fact
from conveyor.kit import failpoints, idempotency
from conveyor.kit.clock import Clock
from conveyor.kit.context import RequestContext, current_context, replace_context, use_context
from conveyor.kit.database_errors import DatabaseBusy, DatabaseUnavailable, is_transient, translated
from conveyor.kit.direct import Direct
from conveyor.kit.idempotency import IdempotencyKeyReused, IdempotentReplay
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.outbox import OutgoingFact, outgoing, write_outbox
from conveyor.kit.passwords import Password

__all__ = [
    "Base",
    "Database",
    "DatabaseBusy",
    "DatabaseUnavailable",
    "IdempotencyKeyReused",
    "IdempotentReplay",
    "Transaction",
    "is_transient",
    "lock",
]

STATEMENT_TIMEOUT_MS = 30_000
LOCK_TIMEOUT_MS = 10_000
IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000
CONNECT_TIMEOUT_SECONDS = 5
POOL_TIMEOUT_SECONDS = 10

_LOCK = Direct("SELECT pg_advisory_xact_lock(:key)")

T = TypeVar("T")
Work = Callable[["Transaction"], Awaitable[None]]


class Base(DeclarativeBase):
    """All tables of all rooms hang on this metadata; constraint names follow one convention."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: DateTime(timezone=True), UUID: Uuid()}  # noqa: RUF012 - SQLAlchemy reads it so


class Database:
    """The engine of one service. `url` is `postgresql://…`; `pool_size` bounds its connections.

    `password` is asked at each new connection when the address has none.
    """

    def __init__(
        self, url: str, *, service: str, clock: Clock, pool_size: int = 10, password: Password | None = None
    ) -> None:
        self.url = url
        self.password = password
        self.service = service
        self.clock = clock
        self.committed = asyncio.Event()
        """Set after each commit that said facts; wakes the relay."""
        self.released = asyncio.Event()
        """Set after each commit that released or parked facts; wakes the consumer."""
        self.engine: AsyncEngine = create_async_engine(
            make_url(url).set(drivername="postgresql+asyncpg"),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_TIMEOUT_SECONDS,
            json_deserializer=orjson.loads,
            hide_parameters=True,
            connect_args={
                "timeout": CONNECT_TIMEOUT_SECONDS,
                "server_settings": server_settings(service),
                **({"password": password} if password else {}),
            },
        )
        event.listen(self.engine.sync_engine, "checkout", _refuse_closed)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Transaction"]:
        """A transaction that is rolled back unless committed. Raises DatabaseUnavailable or DatabaseBusy."""
        with _named_errors():
            async with AsyncSession(self.engine, expire_on_commit=False) as session:
                yield await Transaction.begin(self, session)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that cannot write. Raises DatabaseUnavailable or DatabaseBusy."""
        with _named_errors():
            async with AsyncSession(self.engine, expire_on_commit=False) as session:
                _ = await session.connection(execution_options={"postgresql_readonly": True})
                yield session

    @asynccontextmanager
    async def raw(self) -> AsyncIterator["asyncpg.Connection[Any]"]:
        """A driver connection from the pool for hot paths such as COPY; the caller runs his own transaction."""
        with _named_errors():
            async with self.engine.connect() as connection:
                pooled = await connection.get_raw_connection()
                yield cast("asyncpg.Connection[Any]", pooled.driver_connection)

    async def close(self) -> None:
        """End all connections."""
        await self.engine.dispose()


class Transaction:
    """One unit of work: rows of `session` and the facts said become visible together, or not at all."""

    def __init__(self, database: Database, session: AsyncSession) -> None:
        self.database = database
        self.session = session
        self.now: datetime = database.clock.now()
        self.notes: dict[str, Any] = {}
        self.wakes: set[asyncio.Event] = set()
        self._context = current_context()
        self._said: list[OutgoingFact] = []
        self._has_said = False
        self._workers: dict[str, tuple[Work, RequestContext]] = {}
        self._worked: set[str] = set()

    @classmethod
    async def begin(cls, database: Database, session: AsyncSession) -> "Transaction":
        """Begin; a request that carries an Idempotency-Key claims it here."""
        tx = cls(database, session)
        if tx._context.idempotency is not None:
            await idempotency.claim(session, tx._context.idempotency, now=tx.now)
        return tx

    def say(self, fact: Fact, *, occurred_at: datetime | None = None, event_id: UUID | None = None) -> UUID:
        """Say a fact when this commits; `occurred_at` is the business time, else `now`. Returns the event's id.

        Raises ValueError when the registry does not let this service say it, or when its key is no subject token.
        """
        made = outgoing(
            fact,
            service=self.database.service,
            event_id=event_id or new_id(),
            occurred_at=occurred_at or self.now,
            recorded_at=self.now,
            context=current_context(),
        )
        self._said.append(made)
        return made.event_id

    def once_before_commit(self, name: str, work: Work) -> None:
        """Do this work once inside `commit`, however often it is asked for under this name; it may say facts.

        Works run in the order of their first registration and in its context.
        """
        if name in self._worked:
            msg = f"{name} has been done already in this commit"
            raise RuntimeError(msg)
        self._workers.setdefault(name, (work, current_context()))

    async def commit(self, answer: T = None) -> T:  # type: ignore[assignment] # None is the answer of work that has none
        """Run the works, keep the answer of an idempotent request, write the outbox, commit. Returns `answer`."""
        with _named_errors():
            await self.work_off()
            claim = self._context.idempotency
            if claim is not None:
                await self.session.flush()
                await idempotency.store_answer(self.session, claim, answer)
            await self.write_said()
            failpoints.passing("tx.before_commit")
            await self.session.commit()
        failpoints.passing("tx.after_commit")
        self._after_commit()
        return answer

    async def write_said(self) -> None:
        """Write what was said so far into the outbox already now: for work that says more than memory should hold.

        Take the locks of the rows that the facts are about first; `commit` does this for all other work.
        """
        if self._said:
            await self.session.flush()
            await write_outbox(self.session, self._said, now=self.now)
            self._said = []
            self._has_said = True

    async def work_off(self) -> None:
        """Do what was asked for `once_before_commit` so far: for work that must come after it, yet before the rest.

        It may be asked for anew afterwards.
        """
        while self._workers:
            name = next(iter(self._workers))
            work, context = self._workers.pop(name)
            self._worked.add(name)
            with use_context(context):
                await work(self)
        self._worked.clear()

    def _after_commit(self) -> None:
        if self._context.idempotency is not None:
            # The key is answered: later transactions of this request are its follow-up, not the same work again.
            replace_context(replace(current_context(), idempotency=None))
        if self._has_said:
            self.wakes.add(self.database.committed)
        for waiting in self.wakes:
            waiting.set()


async def lock(tx_or_session: Transaction | AsyncSession, *parts: str) -> None:
    """Hold the name made of `parts` until the transaction ends; others who lock the same name wait."""
    session = tx_or_session.session if isinstance(tx_or_session, Transaction) else tx_or_session
    await _LOCK.rows(session, key=lock_key(*parts))


def lock_key(*parts: str) -> int:
    """The number of a named advisory lock."""
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def server_settings(service: str) -> dict[str, str]:
    """What every connection of a service asks of PostgreSQL: nothing waits for ever."""
    return {
        "application_name": f"conveyor-{service}",
        "timezone": "UTC",
        "jit": "off",
        "statement_timeout": str(STATEMENT_TIMEOUT_MS),
        "lock_timeout": str(LOCK_TIMEOUT_MS),
        "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_TIMEOUT_MS),
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "3",
    }


class _named_errors:  # noqa: N801 - reads as a statement where it is used
    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        named = translated(error)
        if named is not None and named is not error:
            raise named from error


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401 - SQLAlchemy's adapter
    # A look at the driver's state costs no round trip; the pool then makes a new connection.
    if connection.driver_connection.is_closed():
        raise DisconnectionError
