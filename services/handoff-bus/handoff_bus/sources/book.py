"""The sources with their keys, kept in memory: the webhook door asks the database for nothing but the insert.

Changes made by this process are seen at once (`forget`), those of another replica within `FRESH_SECONDS`. While the
database is down the last known sources stay in use.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from conveyor.kit.database import Database, DatabaseBusy, DatabaseUnavailable
from conveyor.kit.refusals import NotFound, Refusal
from handoff_bus.sources.kinds.kind import SourceKind, SourceSettings
from handoff_bus.sources.kinds.registry import KINDS
from handoff_bus.sources.queries import settings_of
from handoff_bus.sources.tables import Source, SourceSecret

FRESH_SECONDS = 3.0
UNKNOWN_SECONDS = 0.5
_LOAD_SECONDS_MAX = 5.0


class UnknownSource(NotFound):
    """No webhook source has this name."""


class SourcesUnavailable(Refusal):
    """The sources cannot be read right now; send the delivery again."""

    kind = "unavailable"


@dataclass(frozen=True, slots=True)
class OpenSource:
    """A source as the door needs it: its kind, settings, and keys with the moment each of them ends."""

    source_id: UUID
    name: str
    kind: SourceKind[Any]
    settings: SourceSettings
    keys: tuple[tuple[bytes, datetime | None], ...]

    def keys_at(self, instant: datetime) -> list[bytes]:
        """The keys that are valid now."""
        return [key for key, until in self.keys if until is None or instant < until]


class SourceBook:
    """All sources by name."""

    def __init__(self, database: Database, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._seconds = seconds
        self._sources: dict[str, OpenSource] | None = None
        self._read_at = 0.0
        self._reading = asyncio.Lock()

    async def find(self, name: str) -> OpenSource:
        """The source of this name. Raises UnknownSource; SourcesUnavailable when they were never read."""
        await self._refresh(seconds_max=FRESH_SECONDS)
        source = (self._sources or {}).get(name)
        if source is None:
            # It may be new, made through another replica.
            await self._refresh(seconds_max=UNKNOWN_SECONDS)
            source = (self._sources or {}).get(name)
        if source is None:
            raise UnknownSource
        return source

    def forget(self) -> None:
        """Read the sources again before the next delivery; called after a change."""
        self._read_at = self._seconds() - FRESH_SECONDS - 1

    async def _refresh(self, *, seconds_max: float) -> None:
        if self._is_fresh(seconds_max):
            return
        async with self._reading:
            if self._is_fresh(seconds_max):
                return
            try:
                async with asyncio.timeout(_LOAD_SECONDS_MAX):
                    self._sources = await self._load()
            except (DatabaseUnavailable, DatabaseBusy, TimeoutError) as failure:
                if self._sources is None:
                    raise SourcesUnavailable from failure
            # Also after a failure: one attempt per period, not one per delivery.
            self._read_at = self._seconds()

    def _is_fresh(self, seconds_max: float) -> bool:
        return self._sources is not None and self._seconds() - self._read_at <= seconds_max

    async def _load(self) -> dict[str, OpenSource]:
        async with self._database.reading() as session:
            sources = (await session.scalars(select(Source))).all()
            secrets = (await session.scalars(select(SourceSecret).order_by(SourceSecret.secret_id.desc()))).all()
        found = {}
        for source in sources:
            kind = KINDS[source.kind]
            keys = tuple(
                (kind.read_secret(secret.secret), secret.valid_until)
                for secret in secrets
                if secret.source_id == source.source_id
            )
            found[source.name] = OpenSource(
                source_id=source.source_id,
                name=source.name,
                kind=kind,
                settings=settings_of(kind, source),
                keys=keys,
            )
        return found
