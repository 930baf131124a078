"""The readers' side of the self-check: what a service listed is compared with what was taken here."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.types import Uuid

from conveyor.contracts.envelope import SUBJECT_ROOT
from conveyor.contracts.messages import IntakeCompared, PublicationsListed
from conveyor.contracts.registry import KIND_OF_TYPE
from conveyor.kit.context import current_context
from conveyor.kit.database import Database, Transaction
from conveyor.kit.messaging.events import Event, Listeners
from conveyor.kit.messaging.tables import InboxRow
from conveyor.kit.operations.tables import IntakeCheck
from conveyor.kit.operations.views import GapView
from conveyor.kit.refusals import NotFound, Refusal

NAMED_MAX = 200
TOGETHER_MAX = 50

_NEVER_CAME = text(
    "SELECT id FROM unnest(:ids) AS id WHERE NOT EXISTS (SELECT FROM inbox WHERE inbox.event_id = id) ORDER BY id"
).bindparams(bindparam("ids", type_=ARRAY(Uuid())))


class NoGapToAccept(Refusal):
    """Nothing is missing here, or it was accepted before."""


def hear_lists(listeners: Listeners) -> None:
    """Register the handler of the lists. What this service hears is asked when a list comes."""

    async def on_publications_listed(tx: Transaction, event: Event[PublicationsListed]) -> None:
        fact = event.fact
        awaited = [each for listed in fact.facts if _is_heard(listed.fact, event.service) for each in listed.ids]
        row = {
            "list_id": event.id,
            "said_by": event.service,
            "from_at": fact.from_at,
            "until_at": fact.until_at,
            "awaited": len(awaited),
            "unseen": awaited,
        }
        await tx.session.execute(insert(IntakeCheck).values(row).on_conflict_do_nothing())

    def _is_heard(code: str, service: str) -> bool:
        kind = KIND_OF_TYPE.get(f"{SUBJECT_ROOT}.{service}.{code}")
        return kind is not None and bool(listeners.of(kind, service))

    listeners.on(PublicationsListed, on_publications_listed)


async def compare_intake(database: Database, *, handled_up_to: int) -> int:
    """Compare the lists that came not later than everything up to this place of the stream was handled.

    Lists with something missing are compared again, so a gap that was mended closes by itself. Says the result when it
    changed. Returns how many facts are missing in all that was looked at.
    """
    missing, after = 0, None
    while ids := await _due(database, handled_up_to=handled_up_to, after=after):
        for list_id in ids:
            missing += await _compare(database, list_id)
        after = ids[-1]
    return missing


async def accept_gap(database: Database, *, list_id: UUID, reason: str) -> GapView:
    """Say that what is missing of this list will never come, for this reason. Raises NotFound or NoGapToAccept."""
    async with database.transaction() as tx:
        check = await tx.session.get(IntakeCheck, list_id, with_for_update=True)
        if check is None:
            raise NotFound
        if check.missing == 0 or check.accepted_at is not None:
            raise NoGapToAccept
        check.accepted_at, check.accepted_reason = tx.now, reason
        check.accepted_by = current_context().actor
        _say(tx, check)
        return await tx.commit(GapView.model_validate(check))


async def _due(database: Database, *, handled_up_to: int, after: UUID | None) -> Sequence[UUID]:
    statement = (
        select(IntakeCheck.list_id)
        .join(InboxRow, InboxRow.event_id == IntakeCheck.list_id)
        .where(InboxRow.stream_seq <= handled_up_to, IntakeCheck.accepted_at.is_(None))
        .where(IntakeCheck.compared_at.is_(None) | (IntakeCheck.missing > 0))
    )
    if after is not None:
        statement = statement.where(IntakeCheck.list_id > after)
    async with database.reading() as session:
        return (await session.scalars(statement.order_by(IntakeCheck.list_id).limit(TOGETHER_MAX))).all()


async def _compare(database: Database, list_id: UUID) -> int:
    async with database.transaction() as tx:
        check = await tx.session.get(IntakeCheck, list_id, with_for_update={"skip_locked": True})
        if check is None or check.accepted_at is not None:
            return 0
        never_came: list[Any] = list(await tx.session.scalars(_NEVER_CAME, {"ids": check.unseen}))
        is_new = check.compared_at is None or len(never_came) != check.missing
        if is_new:
            check.unseen, check.missing, check.compared_at = never_came, len(never_came), tx.now
            _say(tx, check)
        await tx.commit()
        return len(never_came)


def _say(tx: Transaction, check: IntakeCheck) -> None:
    check.revision += 1
    tx.say(
        IntakeCompared(
            list_id=check.list_id,
            said_by=check.said_by,
            from_at=check.from_at,
            until_at=check.until_at,
            revision=check.revision,
            awaited=check.awaited,
            missing_count=check.missing,
            missing=tuple(UUID(int=each.int) for each in check.unseen[:NAMED_MAX]) if check.missing else (),
            accepted_reason=check.accepted_reason,
        )
    )
