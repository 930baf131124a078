"""Handles parked facts again when they are due: just parked, released, or failed and to be retried."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from conveyor.kit.database import Database, Transaction, is_transient, lock
from conveyor.kit.messaging.erased import GONE
from conveyor.kit.messaging.events import Listeners, WaitsFor
from conveyor.kit.messaging.giving_up import give_up, give_up_unheard
from conveyor.kit.messaging.handling import RetryPolicy, apply, cause_of
from conveyor.kit.messaging.incoming import Incoming, Message, NotAFact, read_message

logger = logging.getLogger(__name__)

TOGETHER_MAX = 100
SWEEP_SECONDS = 0.25
TROUBLE_SECONDS = 1.0

_DUE = text(
    """
    SELECT event_id, thing, key, subject, body, stream_seq, releases, attempts FROM parked_facts
    WHERE due_at <= clock_timestamp() ORDER BY due_at, stream_seq LIMIT :most
    """
)
_LEAVE = text("DELETE FROM parked_facts WHERE event_id = ANY(CAST(:ids AS uuid[])) RETURNING event_id, body")
_WAIT_ON = text(
    """
    UPDATE parked_facts SET thing = :thing, key = :key, attempts = 0,
        due_at = CASE WHEN thing = :thing AND key = :key THEN NULL ELSE clock_timestamp() END
    WHERE event_id = :id AND releases = :releases
    """
)
_RETRY = text(
    """
    UPDATE parked_facts SET attempts = :attempts, due_at = clock_timestamp() + make_interval(secs => :delay)
    WHERE event_id = :id
    """
)


class HandledElsewhere(Exception):
    """Another process took the fact out meanwhile; this run is undone."""


@dataclass(frozen=True, slots=True)
class _Parked:
    item: Incoming
    thing: str
    key: str
    releases: int
    attempts: int


class WaitingRoom:
    """The worker of the parked facts of one service."""

    def __init__(self, database: Database, listeners: Listeners, retries: RetryPolicy) -> None:
        self._database = database
        self._listeners = listeners
        self._retries = retries

    async def run(self, stop: asyncio.Event) -> None:
        """Handle due facts until `stop`; woken by this process's own commits, others' are found by a sweep."""
        while not stop.is_set():
            pause = SWEEP_SECONDS
            try:
                self._database.released.clear()
                if await self.handle_due():
                    continue
            except Exception as error:  # whatever it is, the facts stay parked and due
                logger.warning("parked facts wait: %s", type(error).__name__, exc_info=not is_transient(error))
                pause = TROUBLE_SECONDS
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._database.released.wait()

    async def handle_due(self) -> int:
        """Handle what is due now; says how many facts were due."""
        async with self._database.reading() as session:
            rows = (await session.execute(_DUE, {"most": TOGETHER_MAX})).all()
        due = [found for row in rows if (found := await self._read(row)) is not None]
        for thing, key in sorted({(each.thing, each.key) for each in due}):
            await self._let_releasers_end(thing, key)
        try:
            if due:
                await self._leave(due)
        except Exception as error:
            if is_transient(cause_of(error)):
                raise cause_of(error) from error
            for each in due:
                await self._alone(each)
        return len(rows)

    async def _read(self, row: Any) -> _Parked | None:  # noqa: ANN401 - a row of _DUE
        message = Message(subject=row.subject, body=row.body.encode(), stream_seq=row.stream_seq)
        reason = "nobody here hears it"
        try:
            item = read_message(message, listeners=self._listeners, service=self._database.service)
        except NotAFact as wrong:
            item, reason = None, str(wrong)
        if item is None:
            await self._set_aside(row, reason)
            return None
        return _Parked(item=item, thing=row.thing, key=row.key, releases=row.releases, attempts=row.attempts)

    async def _let_releasers_end(self, thing: str, key: str) -> None:
        # Alone in its transaction: whoever waits here holds nothing that a releaser could want.
        async with self._database.transaction() as tx:
            await lock(tx, "parked", thing, key)

    async def _leave(self, parked: Sequence[_Parked]) -> None:
        ids = [each.item.event_id for each in parked]

        async def take_out(tx: Transaction) -> None:
            # Last of all: whoever releases meanwhile waits for this row, and this must not wait for him.
            left = (await tx.session.scalars(_LEAVE, {"ids": ids})).all()
            if len(left) != len(ids):
                raise HandledElsewhere

        async with self._database.transaction() as tx:
            await apply(tx, [each.item for each in parked])
            tx.once_before_commit("waiting-room", take_out)
            await tx.commit()

    async def _alone(self, parked: _Parked) -> None:
        try:
            await self._leave([parked])
        except HandledElsewhere:
            return
        except Exception as error:
            cause = cause_of(error)
            if is_transient(cause):
                raise cause from error
            if isinstance(cause, WaitsFor):
                await self._wait_on(parked, cause)
            else:
                await self._failed(parked, cause)

    async def _wait_on(self, parked: _Parked, missing: WaitsFor) -> None:
        values = {"id": parked.item.event_id, "thing": missing.thing, "key": missing.key, "releases": parked.releases}
        async with self._database.transaction() as tx:
            await tx.session.execute(_WAIT_ON, values)
            await tx.commit()

    async def _failed(self, parked: _Parked, error: Exception) -> None:
        attempts = parked.attempts + 1
        async with self._database.transaction() as tx:
            if attempts < self._retries.attempts_max:
                delay = self._retries.delay_after(attempts)
                await tx.session.execute(_RETRY, {"id": parked.item.event_id, "attempts": attempts, "delay": delay})
            elif (await tx.session.scalars(_LEAVE, {"ids": [parked.item.event_id]})).all():
                await give_up(tx, parked.item, attempts=attempts, error=error)
            await tx.commit()
        logger.warning(
            "%s %s failed, attempt %d", parked.item.event.kind.code, parked.item.event_id, attempts, exc_info=error
        )

    async def _set_aside(self, row: Any, reason: str) -> None:  # noqa: ANN401 - a row of _DUE
        """Another version of the service parked it, and may come back: a person replays it then."""
        async with self._database.transaction() as tx:
            left = (await tx.session.execute(_LEAVE, {"ids": [row.event_id]})).first()
            # Of one that was erased nothing is left to read.
            if left is not None and left.body != GONE:
                message = Message(subject=row.subject, body=left.body.encode(), stream_seq=row.stream_seq)
                await give_up_unheard(tx, row.event_id, message, attempts=row.attempts, reason=reason)
            await tx.commit()
        logger.error("parked fact %s is a dead letter now: %s", row.event_id, reason)
