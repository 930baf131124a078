"""Announce the department's calendar: the default once, at the first start; later what an admin says."""

import asyncio
import logging

from conveyor.contracts.roster import CalendarRecorded
from conveyor.kit.database import Database, DatabaseBusy, DatabaseUnavailable, Transaction, lock
from conveyor.kit.http.etags import StaleRevision
from handoff_bus.calendar.queries import CalendarView, latest_version, view_of
from handoff_bus.calendar.rules import DEFAULT, CalendarTerms, check
from handoff_bus.calendar.tables import CalendarVersion

_RETRY_SECONDS = 1.0

logger = logging.getLogger(__name__)


async def announce_default_calendar(database: Database) -> bool:
    """Say the default calendar unless one was ever announced; true when it was said now. Safe to call from replicas."""
    async with database.transaction() as tx:
        await lock(tx, "calendar")
        if await latest_version(tx.session) is not None:
            return False
        _keep_and_say(tx, DEFAULT, revision=1)
        await tx.commit()
        return True


async def change_calendar(database: Database, *, terms: CalendarTerms, revision: int) -> CalendarView:
    """The next revision of the calendar. Raises Invalid, StaleRevision when `revision` is not the newest."""
    check(terms)
    async with database.transaction() as tx:
        await lock(tx, "calendar")
        newest = await latest_version(tx.session)
        if (newest.revision if newest else 0) != revision:
            raise StaleRevision
        _keep_and_say(tx, terms, revision=revision + 1)
        return await tx.commit(view_of(terms, revision=revision + 1))


def _keep_and_say(tx: Transaction, terms: CalendarTerms, *, revision: int) -> None:
    tx.session.add(CalendarVersion(revision=revision, **terms.as_lists()))
    tx.say(CalendarRecorded(revision=revision, **terms.as_lists()))


class CalendarHerald:
    """Background worker of the first start: tries until the default calendar is announced, then rests."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, stop: asyncio.Event) -> None:
        """Until the service stops."""
        announced = False
        while not stop.is_set():
            if not announced:
                announced = await self._try()
            try:
                async with asyncio.timeout(None if announced else _RETRY_SECONDS):
                    await stop.wait()
            except TimeoutError:
                continue

    async def _try(self) -> bool:
        try:
            await announce_default_calendar(self._database)
        except (DatabaseUnavailable, DatabaseBusy) as failure:
            logger.warning("the calendar cannot be announced now: %s", failure.code)
            return False
        return True
