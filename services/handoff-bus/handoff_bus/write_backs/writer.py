"""Background worker: writes leads that are due into their CRM.

What is written is computed just before, from everything known then: a lead that moved twice is written once. Two
writers never have the same lead in hand; when one dies, its lease ends and another writes the same again; when one only
hung and speaks late, the lead is written once more.
"""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from conveyor.kit.context import RequestContext, use_context
from conveyor.kit.database import Database
from handoff_bus.outbound.client import OutboundClient, Unanswered
from handoff_bus.outbound.lanes import PLACES, Lanes
from handoff_bus.write_backs.crm import UnwritableThing
from handoff_bus.write_backs.kinds import CRMS, read_settings
from handoff_bus.write_backs.note_write import Written, forget_attempts, note_quiet, note_write
from handoff_bus.write_backs.queries import moves_of, thing_of, user_of
from handoff_bus.write_backs.rules import Groups, Result, Standing, standing_of, still_to_write

LEASE = timedelta(minutes=2)
FORGET_SECONDS = 3600.0

# `sent_at` is set before anything is sent: what comes back from the CRM meanwhile is known to be our own doing.
_TAKE = text("""
    WITH lanes AS (
        SELECT source_id, name, kind, crm.settings, crm.credentials, :places - coalesce(busy.places, 0) AS free
        FROM write_back_settings AS crm JOIN sources USING (source_id)
        LEFT JOIN unnest(CAST(:lanes AS uuid[]), CAST(:busy AS integer[])) AS busy (lane, places)
            ON busy.lane = source_id
        WHERE crm.enabled
    ), due AS (
        SELECT each.write_back_id FROM lanes CROSS JOIN LATERAL (
            SELECT write_back_id FROM write_backs
            WHERE write_backs.source_id = lanes.source_id AND state = 'due' AND next_at <= :now
                AND (leased_until IS NULL OR leased_until <= :now)
            ORDER BY next_at LIMIT greatest(lanes.free, 0) FOR UPDATE SKIP LOCKED
        ) AS each
    )
    UPDATE write_backs SET leased_until = :leased, sent_at = coalesce(sent_at, :now) FROM due, lanes
    WHERE write_backs.write_back_id = due.write_back_id AND lanes.source_id = write_backs.source_id
    RETURNING write_backs.write_back_id, lead_id, write_backs.source_id, version, written,
        lanes.name, lanes.kind, lanes.settings, lanes.credentials, leased_until
""")


@dataclass(frozen=True, slots=True)
class DueWrite:
    """What is needed to write one lead; the lane is its source."""

    write_back_id: UUID
    lead_id: UUID
    lane: UUID
    version: int
    written: Mapping[str, Any]
    source: str
    kind: str
    settings: dict[str, Any]
    credentials: dict[str, Any] = field(repr=False)
    leased_until: datetime


@dataclass(frozen=True, slots=True)
class _Plan:
    standing: Standing
    thing: str
    wanted: Groups
    unnamed_owner_id: UUID | None


class CrmWriter:
    """One per process."""

    def __init__(
        self,
        database: Database,
        *,
        client: Callable[[], OutboundClient],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._open = client
        self._client: OutboundClient | None = None
        self._jitter = jitter
        self._lanes: Lanes[DueWrite] = Lanes(take=self._take, do=self._write, wake=asyncio.Event())

    async def run(self, stop: asyncio.Event) -> None:
        """Until the service stops; a call under way is made again at the next start."""
        with use_context(RequestContext(actor="service:handoff-bus")):
            async with self._open() as self._client, asyncio.TaskGroup() as group:
                _ = group.create_task(self._forget(stop))
                await self._lanes.run(stop)

    async def write_due(self) -> int:
        """Write what is due now, once; gives how many leads were looked at. For one round without the worker."""
        async with self._open() as self._client:
            started = await self._lanes.start_due()
            await self._lanes.drain()
        return started

    async def _take(self, busy: Mapping[UUID, int]) -> Sequence[DueWrite]:
        async with self._database.transaction() as tx:
            values = {"places": PLACES, "lanes": list(busy), "busy": list(busy.values())}
            rows = await tx.session.execute(_TAKE, {**values, "now": tx.now, "leased": tx.now + LEASE})
            return await tx.commit([DueWrite(*row) for row in rows])

    async def _write(self, due: DueWrite) -> None:
        plan = await self._plan(due)
        groups = still_to_write(plan.wanted, due.written, thing=plan.thing) if plan is not None else {}
        if plan is None or not groups:
            unnamed = plan.unnamed_owner_id if plan else None
            later = plan.standing.changes_at if plan else None
            await note_quiet(
                self._database,
                due.write_back_id,
                due.version,
                leased_until=due.leased_until,
                unnamed_owner_id=unnamed,
                changes_at=later,
            )
            return
        loop = asyncio.get_running_loop()
        began = loop.time()
        result = await self._call(due, plan.thing, groups)
        written = Written(
            thing=plan.thing,
            groups=groups,
            result=result,
            took_ms=round((loop.time() - began) * 1000),
            unnamed_owner_id=plan.unnamed_owner_id,
            changes_at=plan.standing.changes_at,
        )
        await note_write(
            self._database,
            due.write_back_id,
            due.version,
            written,
            leased_until=due.leased_until,
            jitter=self._jitter(),
        )

    async def _plan(self, due: DueWrite) -> _Plan | None:
        """What the CRM should say now; None when it does not know the lead any more."""
        crm = CRMS[due.kind]
        async with self._database.reading() as session:
            thing = await thing_of(session, lead_id=due.lead_id, source=due.source)
            if thing is None:
                return None
            moves = await moves_of(session, lead_id=due.lead_id)
            standing = standing_of(moves, now=self._database.clock.now())
            owner = standing.owner_id
            user = await user_of(session, employee_id=owner, source=due.source) if owner else None
        settings = read_settings(crm, due.settings, due.credentials)
        wanted = crm.groups(settings, thing, standing.position, user)
        unnamed = owner if settings.owner and owner is not None and "owner" not in wanted else None
        return _Plan(standing, thing, wanted, unnamed)

    async def _call(self, due: DueWrite, thing: str, groups: Groups) -> Result:
        assert self._client is not None  # noqa: S101 - `run` and `write_due` open one
        crm = CRMS[due.kind]
        fields = {name: value for group in groups.values() for name, value in group.items()}
        try:
            call = crm.call(read_settings(crm, due.settings, due.credentials), thing, fields)
            return crm.read(await self._client.send(call))
        except UnwritableThing:
            return Result("refused", "Its name is none that this CRM can be asked to change.")
        except Unanswered as unanswered:
            return Result("again", f"{unanswered.trouble}: {unanswered.words}")

    async def _forget(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await forget_attempts(self._database)
            with suppress(TimeoutError):
                async with asyncio.timeout(FORGET_SECONDS):
                    await stop.wait()
