"""Record another policy of deadlines."""

from dataclasses import asdict

from conveyor.kit.database import Database, lock
from conveyor.kit.http.etags import StaleRevision
from handoff_bus.deadlines.queries import DeadlinesView, latest_version, view_of
from handoff_bus.deadlines.rules import DeadlineTerms, check
from handoff_bus.deadlines.tables import DeadlineVersion


async def record_deadlines(database: Database, *, terms: DeadlineTerms, revision: int) -> DeadlinesView:
    """The next revision; the watch makes open deadlines anew. Raises Invalid, StaleRevision."""
    check(terms)
    async with database.transaction() as tx:
        await lock(tx, "deadlines")
        newest = await latest_version(tx.session)
        if (newest.revision if newest else 0) != revision:
            raise StaleRevision
        tx.session.add(
            DeadlineVersion(
                revision=revision + 1,
                effective_from=terms.effective_from,
                day_starts=terms.day_starts,
                day_ends=terms.day_ends,
                directions=[asdict(one) for one in terms.directions],
            )
        )
        return await tx.commit(view_of(terms, revision=revision + 1))
