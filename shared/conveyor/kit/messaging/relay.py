"""The way out: one relay of a service, elected by an advisory lock, publishes what exists in the outbox.

It never asks for "greater than the last id": a row that commits late would be lost. Rows leave the outbox in the
statement that writes them into the log, after the stream has acknowledged them; a crash in between only repeats.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg
from nats.aio.client import Client

from conveyor.kit import failpoints, metrics
from conveyor.kit.database import Database, lock_key, server_settings
from conveyor.kit.messaging.connection import Connection
from conveyor.kit.messaging.publishing import (
    BATCH_BYTES_MAX,
    BATCH_ROWS_MAX,
    FEW_ROWS,
    Ack,
    BatchRefused,
    NeverPublishable,
    NotNow,
    PendingRow,
    few_of_different_keys,
    fits,
    publish_batch,
    publish_one,
)
from conveyor.kit.messaging.regression import newest_stream_seq, return_lost_rows

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 0.075
ELECTION_SECONDS = 0.5
BROKER_WAIT_SECONDS = 1.0
BACKOFF_SECONDS_MAX = 5.0
FLUSH_SECONDS_MAX = 3.0

# What does not fit into this batch is not even read: hundreds of long facts would be a hundred megabytes.
_PENDING = """
    SELECT id, event_id, subject, key, body, copy, extract(epoch FROM clock_timestamp() - created_at)::float8 AS age
    FROM (
        SELECT *, sum(octet_length(body)) OVER (ORDER BY id) - octet_length(body) AS bytes_before
        FROM (
            SELECT * FROM outbox WHERE NOT EXISTS (
                SELECT FROM outbox_dead WHERE outbox_dead.key = outbox.key AND discarded_at IS NULL
            )
            ORDER BY id LIMIT $1
        ) AS pending
    ) AS sized
    WHERE bytes_before < $2
    ORDER BY id
"""
_MOVE = """
    WITH acked (id, stream_seq) AS (SELECT * FROM unnest($1::bigint[], $2::bigint[])),
    moved AS (DELETE FROM outbox USING acked WHERE outbox.id = acked.id RETURNING outbox.*, acked.stream_seq)
    INSERT INTO outbox_log (id, published_at, event_id, subject, key, body, created_at, stream_seq, copy)
    SELECT id, now(), event_id, subject, key, body, created_at, stream_seq, copy FROM moved
"""
_BURY = """
    WITH dead AS (DELETE FROM outbox WHERE id = $1 RETURNING *)
    INSERT INTO outbox_dead (id, event_id, subject, key, body, created_at, died_at, reason, copy)
    SELECT id, event_id, subject, key, body, created_at, now(), $2, copy FROM dead
"""

Leadership = asyncpg.Connection


class Relay:
    """Publishes the facts of `database` over `connection` while this process leads."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self._database = database
        self._connection = connection
        self._service = database.service
        self._checked_epoch = -1
        self._newest_seq = 0
        self.failures = 0
        """Attempts in a row that the broker did not take; 0 while facts flow."""

    async def run(self, stop: asyncio.Event) -> None:
        """Stand for election and publish until `stop`; then publish what is left, for a moment at most."""
        self._connection.start()
        while not stop.is_set():
            try:
                await self._with_own_session(stop)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
                logger.warning("the relay lost its database session: %s", type(error).__name__)
            await _pause(ELECTION_SECONDS, stop)

    async def _with_own_session(self, stop: asyncio.Event) -> None:
        # A session of its own: the lock lives as long as it does, and publishing needs the same session to mark rows.
        # What it marks need not be on disk yet: a mark that is lost when the database dies costs a repetition, and the
        # next batch does not wait for the disk.
        session = await asyncpg.connect(
            self._database.url,
            password=self._database.password,
            timeout=5,
            command_timeout=30,
            server_settings=server_settings(f"{self._service}-relay") | {"synchronous_commit": "off"},
        )
        try:
            while not await session.fetchval("SELECT pg_try_advisory_lock($1)", lock_key("relay")):
                if await _pause(ELECTION_SECONDS, stop):
                    return
            self._checked_epoch = -1
            await self._serve(session, stop)
        finally:
            with contextlib.suppress(Exception):
                await session.close(timeout=2)

    async def _serve(self, session: "Leadership[Any]", stop: asyncio.Event) -> None:
        while not stop.is_set():
            self._database.committed.clear()
            moved = await self._attempt(session)
            if moved is None:
                await _pause(self._backoff(), stop)
            elif moved == 0:
                await self._wait_for_work()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_SECONDS_MAX):
                while await self._attempt(session):
                    pass

    async def _attempt(self, session: "Leadership[Any]") -> int | None:
        """Rows that left the outbox; None when the broker did not let any."""
        client = await self._connection.ready(seconds_max=BROKER_WAIT_SECONDS)
        if client is None:
            return None
        try:
            await self._check_stream(session, client)
            moved = await self._publish_pending(session, client)
        except NotNow as error:
            metrics.OUTBOX_FAILURES.labels(self._service).inc()
            logger.warning("publishing waits: %s", error)
            return None
        self.failures = 0
        return moved

    async def _check_stream(self, session: "Leadership[Any]", client: Client) -> None:
        epoch = self._connection.epoch
        if epoch == self._checked_epoch:
            return
        returned = await return_lost_rows(session, client)
        if returned:
            logger.error("the stream went back: %d facts are published again", returned)
        self._newest_seq = await newest_stream_seq(session)
        self._checked_epoch = epoch

    async def _publish_pending(self, session: "Leadership[Any]", client: Client) -> int:
        found = await session.fetch(_PENDING, BATCH_ROWS_MAX, BATCH_BYTES_MAX)
        metrics.OUTBOX_LAG_SECONDS.labels(self._service).set(max(0.0, found[0]["age"]) if found else 0.0)
        rows = _within_bytes(
            PendingRow(row["id"], row["event_id"], row["subject"], row["key"], row["body"].encode(), row["copy"])
            for row in found
        )
        if not rows:
            return 0
        failpoints.passing("relay.before_publish")
        if len(rows) > FEW_ROWS and all(fits(row, client) for row in rows):
            try:
                acks = await publish_batch(client, rows)
            except BatchRefused as refused:
                metrics.OUTBOX_FAILURES.labels(self._service).inc()
                logger.info("a batch of %d goes a few at a time: %s", len(rows), refused)
            else:
                return await self._mark(session, rows, acks)
        return await self._few_at_a_time(session, client, rows)

    async def _few_at_a_time(self, session: "Leadership[Any]", client: Client, rows: Sequence[PendingRow]) -> int:
        """Never two of one key at once: whatever becomes of one, the order of its key stays."""
        done, waiting = 0, list(rows)
        while waiting:
            few, waiting = few_of_different_keys(waiting)
            publishing = (publish_one(self._connection, client, row) for row in few)
            told = list(zip(few, await asyncio.gather(*publishing, return_exceptions=True), strict=True))
            acked = [(row, ack) for row, ack in told if isinstance(ack, Ack)]
            if acked:
                done += await self._mark(session, [row for row, _ in acked], [ack for _, ack in acked])
            for row, ack in told:
                if isinstance(ack, NeverPublishable):
                    await session.execute(_BURY, row.id, str(ack))
                    logger.error("fact %s can never be published, its key stops: %s", row.event_id, ack)
                    waiting = [later for later in waiting if later.key != row.key]
                    done += 1
                elif isinstance(ack, BaseException):
                    raise ack
        return done

    async def _mark(self, session: "Leadership[Any]", rows: Sequence[PendingRow], acks: Sequence[Ack]) -> int:
        fresh = [ack.stream_seq for ack in acks if not ack.is_repeated]
        if fresh and min(fresh) <= self._newest_seq:
            # The stream was made anew behind our back: compare before anything is marked.
            self._checked_epoch = -1
            msg = "the stream counts from lower than the log knows"
            raise NotNow(msg)
        failpoints.passing("relay.before_mark")
        await session.execute(_MOVE, [row.id for row in rows], [ack.stream_seq for ack in acks])
        self._newest_seq = max([self._newest_seq, *fresh])
        metrics.OUTBOX_PUBLISHED.labels(self._service).inc(len(rows))
        return len(rows)

    async def _wait_for_work(self) -> None:
        # Facts of this process ring; those of other replicas are found by the sweep.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SWEEP_SECONDS):
                await self._database.committed.wait()

    def _backoff(self) -> float:
        self.failures += 1
        longest = min(BACKOFF_SECONDS_MAX, 0.1 * float(2 ** min(self.failures, 8)))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads retries, guards nothing


def _within_bytes(rows: Iterable[PendingRow]) -> list[PendingRow]:
    taken: list[PendingRow] = []
    size = 0
    for row in rows:
        size += len(row.body)
        if taken and size > BATCH_BYTES_MAX:
            break
        taken.append(row)
    return taken


async def _pause(seconds: float, stop: asyncio.Event) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
    return stop.is_set()
