"""The worker that takes an erased subject out of the stream, once every service said that it is done with him.

It enters the broker as the user `eraser`, who may do nothing but purge, and only while there is something to purge.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Sequence
from typing import cast
from uuid import UUID

import nats
import nats.errors
from nats.aio.client import Client
from sqlalchemy import ColumnElement, and_, func, or_, select

from conveyor.contracts.personal import Purge
from conveyor.contracts.registry import SERVICES
from conveyor.erasing.subjects import Subject, SubjectKind
from conveyor.kit.database import Database, is_transient
from conveyor.kit.messaging.regression import STREAM
from conveyor.kit.passwords import Password
from handoff_bus.erasures.queries import is_open
from handoff_bus.erasures.tables import Erasure, ErasureConfirmation

logger = logging.getLogger(__name__)

USER = "eraser"
ROUND_SECONDS = 1.0
TROUBLE_SECONDS = 5.0
ANSWER_SECONDS = 10.0


class PurgeRefused(Exception):
    """The broker did not purge; the text is its reason."""


class StreamPurge:
    """Any number of replicas may run one; purging twice does no harm."""

    def __init__(self, database: Database, *, nats_url: str, password: Password, missing: Sequence[str] = ()) -> None:
        self._database = database
        self._url = nats_url
        self._password = password
        self._missing = missing

    async def run(self, stop: asyncio.Event) -> None:
        """Purge what is due until `stop`. Settings that orders will be refused for are named in the log."""
        if self._missing:
            logger.warning("nobody can be erased until these are set: %s", ", ".join(self._missing))
        while not stop.is_set():
            pause = ROUND_SECONDS
            try:
                await self.once()
            except Exception as error:  # it stays due
                logger.warning("a purge waits: %s", type(error).__name__, exc_info=not _is_passing(error))
                pause = TROUBLE_SECONDS
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await stop.wait()

    async def once(self) -> int:
        """Purge for every erasure that all services confirmed; says how many there were."""
        due = await self._due()
        if not due:
            return 0
        client = await nats.connect(
            self._url.split(","),
            user=USER,
            password=self._password(),
            name=USER,
            inbox_prefix=f"_INBOX_{USER}",
            allow_reconnect=False,
            connect_timeout=5,
        )
        try:
            for erasure_id, subject in due:
                await self._complete(erasure_id, await purge(client, subject.purges))
        finally:
            await client.close()
        return len(due)

    async def _due(self) -> Sequence[tuple[UUID, Subject]]:
        async with self._database.reading() as session:
            rows = (await session.scalars(select(Erasure).where(is_due()).order_by(Erasure.requested_at))).all()
        return [(row.erasure_id, Subject(cast("SubjectKind", row.kind), row.subject_id, row.lead_id)) for row in rows]

    async def _complete(self, erasure_id: UUID, purged: int) -> None:
        async with self._database.transaction() as tx:
            erasure = await tx.session.get_one(Erasure, erasure_id, with_for_update=True)
            erasure.purged_messages = (erasure.purged_messages or 0) + purged
            erasure.completed_at = erasure.completed_at or tx.now
            erasure.purged_again_at = erasure.reapplied_at
            await tx.commit()
        logger.info("erasure %s is done: %d messages left the stream", erasure_id, purged)


def is_due() -> ColumnElement[bool]:
    """Every service has confirmed, after the last repetition if there was one, and the stream was not purged since."""
    confirmed = (
        select(func.count())
        .where(
            ErasureConfirmation.erasure_id == Erasure.erasure_id,
            ErasureConfirmation.service.in_(SERVICES),
            or_(Erasure.reapplied_at.is_(None), ErasureConfirmation.repeated_at >= Erasure.reapplied_at),
        )
        .scalar_subquery()
    )
    return and_(is_open(), confirmed == len(SERVICES))


async def purge(client: Client, purges: Sequence[Purge]) -> int:
    """How many messages went. Raises PurgeRefused."""
    purged = 0
    for each in purges:
        wanted = {"filter": each.subject} | ({"keep": each.keep} if each.keep else {})
        answer = await client.request(
            f"$JS.API.STREAM.PURGE.{STREAM}", json.dumps(wanted).encode(), timeout=ANSWER_SECONDS
        )
        told = json.loads(answer.data)
        if not told.get("success"):
            raise PurgeRefused(str(told.get("error", {}).get("description", "no reason")))
        purged += int(told.get("purged", 0))
    return purged


def _is_passing(error: Exception) -> bool:
    return is_transient(error) or isinstance(error, nats.errors.Error | TimeoutError | OSError)
