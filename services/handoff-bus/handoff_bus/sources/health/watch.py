"""Keeps the gauges of sources fresh for /metrics, and says in the log when one falls silent."""

import asyncio
import logging
from contextlib import suppress

from prometheus_client import Gauge

from conveyor.kit.database import Database, DatabaseBusy, DatabaseUnavailable
from handoff_bus.sources.health.queries import SourceHealth, all_sources, health_of

ROUND_SECONDS = 30.0
HOURS = 24

LAST_DELIVERY = Gauge("conveyor_source_last_delivery_timestamp_seconds", "When a source last came.", ["source"])
SILENT = Gauge("conveyor_source_silent", "1 while the silence alarm of a source is raised.", ["source"])
ERROR_RATIO = Gauge(
    "conveyor_source_error_ratio", "Share of a day's deliveries that was refused or quarantined.", ["source"]
)
WAITING = Gauge("conveyor_source_deliveries_waiting", "Parked and quarantined deliveries.", ["source", "state"])

logger = logging.getLogger(__name__)


class HealthWatch:
    """One per process; it only reads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._silent: set[str] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Look until told to stop."""
        while not stop.is_set():
            try:
                await self.look()
            except (DatabaseUnavailable, DatabaseBusy) as failure:
                logger.warning("sources cannot be looked after now: %s", failure.code)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), ROUND_SECONDS)

    async def look(self) -> None:
        """Set every gauge once."""
        async with self._database.reading() as session:
            sources = await all_sources(session)
            seen = await health_of(session, sources, now=self._database.clock.now(), hours=HOURS)
        for health in seen.items:
            self._show(health)

    def _show(self, health: SourceHealth) -> None:
        name, alarm = health.source, health.silence.alarm
        if health.last_delivery_at is not None:
            LAST_DELIVERY.labels(name).set(health.last_delivery_at.timestamp())
        SILENT.labels(name).set(alarm is not None)
        ERROR_RATIO.labels(name).set(float(health.error_rate))
        WAITING.labels(name, "parked").set(health.parked)
        WAITING.labels(name, "quarantined").set(health.quarantined)
        if alarm is not None and name not in self._silent:
            logger.warning("source %s is silent: %s", name, alarm)
        (self._silent.discard if alarm is None else self._silent.add)(name)
