"""Handling of checked events: many in one transaction, or one alone with its failures counted.

What a batch cannot do together is taken out and done alone, so one bad message never holds up the others.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from conveyor.kit import failpoints, metrics
from conveyor.kit.context import use_context
from conveyor.kit.database import Database, Transaction, is_transient
from conveyor.kit.messaging.erased import without_erased
from conveyor.kit.messaging.events import WaitsFor
from conveyor.kit.messaging.giving_up import give_up
from conveyor.kit.messaging.inbox import count_failure, enter, forged, forget_failures, park, quarantine
from conveyor.kit.messaging.incoming import Incoming, Message

logger = logging.getLogger(__name__)

TAKEN_OUT_MAX = 8


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """A failing message is tried `attempts_max` times, `first_delay_seconds`·2ⁿ apart, at most `delay_seconds_max`."""

    attempts_max: int = 8
    first_delay_seconds: float = 0.2
    delay_seconds_max: float = 30.0

    def delay_after(self, attempts: int) -> float:
        """Seconds until the next try."""
        return float(min(self.delay_seconds_max, self.first_delay_seconds * 2 ** max(0, min(attempts, 30) - 1)))


class HandlerFailed(Exception):
    """A handler of this event raised; the error is the cause."""

    def __init__(self, item: Incoming, error: Exception) -> None:
        super().__init__(f"{item.event.kind.code} {item.event_id}")
        self.item = item
        self.error = error


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to tell the broker: all but `retry_seconds` (by event id) are done."""

    retry_seconds: dict[UUID, float]


async def apply(tx: Transaction, items: Sequence[Incoming]) -> None:
    """Run the handlers in order, each event in its own context, without erased persons. Raises HandlerFailed."""
    for item, bare in zip(items, await without_erased(tx.session, items), strict=True):
        with use_context(item.context):
            for handler in item.handlers:
                try:
                    await handler(tx, bare.event)
                except Exception as error:
                    raise HandlerFailed(item, error) from error


def cause_of(error: Exception) -> Exception:
    """The handler's own error."""
    return error.error if isinstance(error, HandlerFailed) else error


class Handling:
    """Takes events from the stream into the database."""

    def __init__(self, database: Database, retries: RetryPolicy) -> None:
        self._database = database
        self._retries = retries

    async def take(self, items: Sequence[Incoming], refused: Sequence[tuple[Message, str]]) -> Outcome:
        """Handle a batch. Raises DatabaseUnavailable or DatabaseBusy when nothing is wrong with the messages."""
        together, doubles = _distinct(items)
        alone: list[Incoming] = []
        taken_out = 0
        while together or refused or doubles:
            try:
                await self._together(together, refused, doubles)
                break
            except Exception as error:
                if is_transient(cause_of(error)):
                    raise cause_of(error) from error
                if isinstance(error, HandlerFailed) and taken_out < TAKEN_OUT_MAX:
                    taken_out += 1
                    together = [item for item in together if item is not error.item]
                    if isinstance(error.error, WaitsFor):
                        await self._park(error.item, error.error)
                    else:
                        alone.append(error.item)
                else:
                    logger.info("a batch of %d is handled one by one: %s", len(together), type(error).__name__)
                    alone, together = [*alone, *together], []
        retry_seconds: dict[UUID, float] = {}
        for item in alone:
            delay = await self._alone(item)
            if delay is not None:
                retry_seconds[item.event_id] = delay
        return Outcome(retry_seconds)

    async def _together(
        self, items: Sequence[Incoming], refused: Sequence[tuple[Message, str]], doubles: Sequence[Incoming]
    ) -> None:
        async with self._database.transaction() as tx:
            new, used = await enter(tx, items)
            # Which of two bodies is the fact, the inbox knows: the forged one may have come first.
            refused = [*refused, *used, *await forged(tx.session, doubles)]
            await quarantine(tx, refused)
            await apply(tx, new)
            failpoints.passing("consumer.before_commit")
            await tx.commit()
        service = self._database.service
        for message, reason in refused:
            metrics.QUARANTINED.labels(service).inc()
            logger.error("message %d on %s is quarantined: %s", message.stream_seq, message.subject, reason)
        metrics.INBOX_DUPLICATES.labels(service).inc(len(items) - len(new))
        for item in new:
            metrics.CONSUMER_HANDLED.labels(service, item.event.kind.code).inc()

    async def _alone(self, item: Incoming) -> float | None:
        """Seconds until it should be tried again; None when it is done, parked or given up."""
        try:
            await self._once(item)
        except Exception as error:
            cause = cause_of(error)
            if isinstance(cause, WaitsFor):
                await self._park(item, cause)
                return None
            if is_transient(cause):
                raise cause from error
            return await self._failed(item, cause)
        return None

    async def _once(self, item: Incoming) -> None:
        async with self._database.transaction() as tx:
            new, used = await enter(tx, [item])
            await quarantine(tx, used)
            await apply(tx, new)
            await forget_failures(tx, item)
            failpoints.passing("consumer.before_commit")
            await tx.commit()
        metrics.CONSUMER_HANDLED.labels(self._database.service, item.event.kind.code).inc()

    async def _park(self, item: Incoming, missing: WaitsFor) -> None:
        async with self._database.transaction() as tx:
            new, _ = await enter(tx, [item])
            if new:
                await park(tx, item, missing)
            await tx.commit()
        logger.info("%s %s %s", item.event.kind.code, item.event_id, missing)

    async def _failed(self, item: Incoming, error: Exception) -> float | None:
        metrics.CONSUMER_FAILURES.labels(self._database.service, item.event.kind.code).inc()
        async with self._database.transaction() as tx:
            attempts = await count_failure(tx, item)
            if attempts < self._retries.attempts_max:
                await tx.commit()
                logger.warning(
                    "%s %s failed, attempt %d", item.event.kind.code, item.event_id, attempts, exc_info=error
                )
                return self._retries.delay_after(attempts)
            new, _ = await enter(tx, [item])
            if new:
                await give_up(tx, item, attempts=attempts, error=error)
            await tx.commit()
        logger.error("%s %s is a dead letter now", item.event.kind.code, item.event_id, exc_info=error)
        return None


def _distinct(items: Sequence[Incoming]) -> tuple[list[Incoming], list[Incoming]]:
    """One of each id, and the later ones with another body."""
    first: dict[UUID, Incoming] = {}
    others = [item for item in items if first.setdefault(item.event_id, item).message.digest != item.message.digest]
    return list(first.values()), others
