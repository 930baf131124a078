"""Keep what came of writing a lead into its CRM, and what follows. A lead that moved meanwhile stays due."""

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete

from conveyor.kit.database import Database, is_transient
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.erased import erased_of
from handoff_bus.write_backs.rules import KEPT, Groups, Next, Result, next_of, quiet
from handoff_bus.write_backs.tables import WriteBack, WriteBackAttempt

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Written:
    """One call: which groups of fields went into which thing, and what came of it."""

    thing: str
    groups: Groups
    result: Result
    took_ms: int
    unnamed_owner_id: UUID | None
    changes_at: datetime | None


async def note_write(
    database: Database, write_back_id: UUID, version: int, said: Written, *, leased_until: datetime, jitter: float
) -> None:
    """The call goes into the log, what was taken into `written`; `version` is the one that was written.

    Whoever lost his lease meanwhile (a process that hung) may have overwritten what another wrote: it is written anew.
    """
    async with database.transaction() as tx:
        write_back = await tx.session.get_one(WriteBack, write_back_id, with_for_update=True)
        # The CRM may still know who was erased here and say so, in this answer or in a later one.
        is_erased = bool(await erased_of(tx.session, [str(write_back.lead_id)]))
        tx.session.add(
            WriteBackAttempt(
                attempt_id=new_id(),
                write_back_id=write_back_id,
                at=tx.now,
                thing=said.thing,
                fields={name: value for group in said.groups.values() for name, value in group.items()},
                outcome=said.result.outcome,
                detail=None if is_erased else said.result.detail,
                took_ms=said.took_ms,
            )
        )
        if write_back.leased_until != leased_until:
            # Whoever has it in hand now does not have the last word either.
            write_again(write_back, now=tx.now)
            write_back.leased_until = None
            await tx.commit()
            return
        if said.result.outcome == "written":
            before = write_back.written.get("groups", {}) if write_back.written.get("thing") == said.thing else {}
            write_back.written = {"thing": said.thing, "groups": {**before, **said.groups}}
        write_back.leased_until = None
        write_back.unnamed_owner_id = said.unnamed_owner_id
        if write_back.version == version:
            _follow(write_back, said, jitter=jitter, now=tx.now)
        await tx.commit()


async def note_quiet(
    database: Database,
    write_back_id: UUID,
    version: int,
    *,
    leased_until: datetime,
    unnamed_owner_id: UUID | None,
    changes_at: datetime | None,
) -> None:
    """There was nothing to write; whoever lost his lease leaves it to the one who has it."""
    async with database.transaction() as tx:
        write_back = await tx.session.get_one(WriteBack, write_back_id, with_for_update=True)
        if write_back.leased_until != leased_until:
            return
        write_back.leased_until = None
        write_back.unnamed_owner_id = unnamed_owner_id
        if write_back.version == version:
            _set(write_back, quiet(changes_at))
        await tx.commit()


def write_again(write_back: WriteBack, *, now: datetime) -> None:
    """Make it due now with nothing counted as written."""
    write_back.version += 1
    write_back.state, write_back.reason, write_back.next_at = "due", None, now
    write_back.attempts, write_back.failing_since, write_back.written = 0, None, {}


async def forget_attempts(database: Database) -> None:
    """All that are older than `KEPT`; what goes wrong now is done the next time."""
    try:
        async with database.transaction() as tx:
            await tx.session.execute(delete(WriteBackAttempt).where(WriteBackAttempt.at < tx.now - KEPT))
            await tx.commit()
    except Exception as error:  # it is tried again, and nothing depends on it today
        logger.warning("old attempts are forgotten later: %s", type(error).__name__, exc_info=not is_transient(error))


def _follow(write_back: WriteBack, said: Written, *, jitter: float, now: datetime) -> None:
    write_back.attempts += 1
    write_back.failing_since = write_back.failing_since or now
    following = next_of(
        said.result,
        attempts=write_back.attempts,
        failing_since=write_back.failing_since,
        changes_at=said.changes_at,
        jitter=jitter,
        now=now,
    )
    _set(write_back, following)
    if said.result.outcome == "written":
        write_back.attempts, write_back.failing_since = 0, None


def _set(write_back: WriteBack, following: Next) -> None:
    write_back.state, write_back.reason, write_back.next_at = following.state, following.reason, following.next_at
