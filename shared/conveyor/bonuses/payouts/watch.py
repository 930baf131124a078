"""Keeps the gauges of the payouts fresh for /metrics: what is approved and in no batch must not go unseen."""

import asyncio
import logging
from datetime import timedelta

from prometheus_client import Gauge

from conveyor.bonuses.desk import Desk
from conveyor.bonuses.ledger.append import head_of
from conveyor.bonuses.payouts.carried_forward import carried_forward
from conveyor.bonuses.payouts.reconciliation import reconcile
from conveyor.kit.refusals import Refusal

LOOK_SECONDS = 60.0
REST_AFTER_WORK = 50
"""A look goes over the whole journal. However long that is, it takes a fiftieth of the time and not more."""

UNBATCHED = Gauge(
    "conveyor_unbatched_approved_lines",
    "Entries of closed months that are in no batch, not on hold and not carried forward.",
    ["service"],
)
ON_HOLD = Gauge("conveyor_held_approved_lines", "Entries of closed months that are on hold.", ["service"])
CARRIED_FORWARD = Gauge(
    "conveyor_carried_forward_employees", "Employees whose net is negative and waits for later months.", ["service"]
)
LEDGER_ENTRIES = Gauge("conveyor_ledger_entries", "The last number of the bonus journal.", ["service"])

logger = logging.getLogger(__name__)


class PayoutWatch:
    """Reconciles all closed months once in a while."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def run(self, stop: asyncio.Event) -> None:
        """Look until told to stop."""
        clock = asyncio.get_running_loop()
        while not stop.is_set():
            began = clock.time()
            try:
                await self.look()
            except Refusal as away:
                logger.info("the payouts are not looked at: %s", away.code)
            rest = rest_after(timedelta(seconds=clock.time() - began))
            try:
                async with asyncio.timeout(rest.total_seconds()):
                    await stop.wait()
            except TimeoutError:
                continue

    async def look(self) -> None:
        """Set the gauges."""
        service = self._desk.database.service
        async with self._desk.database.reading() as session:
            found = await reconcile(session, period=None)
            carried = await carried_forward(session)
            head = await head_of(session)
        UNBATCHED.labels(service).set(found.nowhere.entries)
        ON_HOLD.labels(service).set(found.on_hold.entries)
        CARRIED_FORWARD.labels(service).set(len(carried))
        LEDGER_ENTRIES.labels(service).set(head.journal_no)


def rest_after(taken: timedelta) -> timedelta:
    """How long to wait after a look that took so long."""
    return max(timedelta(seconds=LOOK_SECONDS), REST_AFTER_WORK * taken)
