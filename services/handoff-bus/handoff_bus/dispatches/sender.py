"""Background worker: sends dispatches that are due and keeps what came back.

Several processes may run it: a dispatch is taken for `LEASE` at a time. One that was sent but not yet marked when the
process died is sent again under the same `webhook-id`: at least once, and the receiver can tell.
"""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from conveyor.kit.context import RequestContext, use_context
from conveyor.kit.database import Database
from handoff_bus.dispatches.forget_dispatches import forget_dispatches
from handoff_bus.dispatches.note_attempt import note_attempt
from handoff_bus.dispatches.rules import Attempt
from handoff_bus.dispatches.signing import signed_headers
from handoff_bus.outbound.client import Call, OutboundClient, Unanswered
from handoff_bus.outbound.lanes import PLACES, Lanes

LEASE = timedelta(minutes=2)
MARKING_MAX = 4
"""How many of the database's connections this worker takes for what came back."""
FORGET_SECONDS = 3600.0
DETAIL_LENGTH_MAX = 500

_TAKE = text("""
    WITH lanes AS (
        SELECT subscription_id, :places - coalesce(busy.places, 0) AS free
        FROM subscriptions
        LEFT JOIN unnest(CAST(:lanes AS uuid[]), CAST(:busy AS integer[])) AS busy (lane, places)
            ON busy.lane = subscriptions.subscription_id
        WHERE state <> 'ended' AND (rest_until IS NULL OR rest_until <= :now)
    ), due AS (
        SELECT each.dispatch_id FROM lanes CROSS JOIN LATERAL (
            SELECT dispatch_id FROM dispatches
            WHERE dispatches.subscription_id = lanes.subscription_id AND state = 'pending' AND next_at <= :now
            ORDER BY next_at LIMIT greatest(lanes.free, 0) FOR UPDATE SKIP LOCKED
        ) AS each
    )
    UPDATE dispatches SET next_at = CAST(:leased AS timestamptz) FROM due, subscriptions, dispatched_facts
    WHERE dispatches.dispatch_id = due.dispatch_id
        AND subscriptions.subscription_id = dispatches.subscription_id
        AND dispatched_facts.event_id = dispatches.event_id
    RETURNING dispatches.dispatch_id, dispatches.subscription_id, dispatches.event_id, url, body, ARRAY(
        SELECT secret FROM subscription_secrets
        WHERE subscription_secrets.subscription_id = dispatches.subscription_id
            AND (valid_until IS NULL OR valid_until > :now)
        ORDER BY secret_id DESC
    ) AS secrets
""")


@dataclass(frozen=True, slots=True)
class DueDispatch:
    """What is needed to send one dispatch; the lane is its subscription."""

    dispatch_id: UUID
    lane: UUID
    event_id: UUID
    url: str = field(repr=False)
    body: str = field(repr=False)
    secrets: Sequence[str] = field(repr=False)


class DispatchSender:
    """One per process; `wake` is set when there is something new to send."""

    def __init__(
        self,
        database: Database,
        *,
        client: Callable[[], OutboundClient],
        wake: asyncio.Event,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._open = client
        self._client: OutboundClient | None = None
        self._jitter = jitter
        self._marking = asyncio.Semaphore(MARKING_MAX)
        self._lanes: Lanes[DueDispatch] = Lanes(take=self._take, do=self._send, wake=wake)

    async def run(self, stop: asyncio.Event) -> None:
        """Until the service stops; a call under way is made again at the next start."""
        with use_context(RequestContext(actor="service:handoff-bus")):
            async with self._open() as self._client, asyncio.TaskGroup() as group:
                _ = group.create_task(self._forget(stop))
                await self._lanes.run(stop)

    async def send_due(self) -> int:
        """Send what is due now, once; gives how many dispatches that were. For one round without the worker."""
        async with self._open() as self._client:
            started = await self._lanes.start_due()
            await self._lanes.drain()
        return started

    async def _take(self, busy: Mapping[UUID, int]) -> Sequence[DueDispatch]:
        async with self._database.transaction() as tx:
            rows = await tx.session.execute(
                _TAKE,
                {
                    "places": PLACES,
                    "lanes": list(busy),
                    "busy": list(busy.values()),
                    "now": tx.now,
                    "leased": tx.now + LEASE,
                },
            )
            taken = [
                DueDispatch(row.dispatch_id, row.subscription_id, row.event_id, row.url, row.body, row.secrets)
                for row in rows
            ]
            return await tx.commit(taken)

    async def _send(self, due: DueDispatch) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        attempt = await self._attempt(due)
        took_ms = round((loop.time() - began) * 1000)
        async with self._marking:
            await note_attempt(
                self._database, dispatch_id=due.dispatch_id, attempt=attempt, took_ms=took_ms, jitter=self._jitter()
            )

    async def _attempt(self, due: DueDispatch) -> Attempt:
        assert self._client is not None  # noqa: S101 - `run` and `send_due` open one
        headers = signed_headers(
            due.secrets, webhook_id=str(due.event_id), at=self._database.clock.now(), body=due.body
        )
        try:
            answer = await self._client.send(Call("POST", due.url, due.body.encode(), headers))
        except Unanswered as unanswered:
            return Attempt(unanswered.trouble, detail=unanswered.words)
        return Attempt(
            "delivered" if answer.is_good else "refused",
            status=answer.status,
            detail=answer.excerpt(DETAIL_LENGTH_MAX) or None,
            retry_after_seconds=answer.retry_after_seconds,
        )

    async def _forget(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await forget_dispatches(self._database)
            with suppress(TimeoutError):
                async with asyncio.timeout(FORGET_SECONDS):
                    await stop.wait()
