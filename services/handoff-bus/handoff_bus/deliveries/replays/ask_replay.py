"""Ask for a replay; a worker makes it."""

from conveyor.kit.context import current_context
from conveyor.kit.database import Database
from conveyor.kit.ids import new_id
from conveyor.kit.refusals import FieldError, Invalid
from handoff_bus.deliveries.replays.queries import ReplayView, how_many, view_of
from handoff_bus.deliveries.replays.rules import ReplayRequest, as_asked
from handoff_bus.deliveries.replays.tables import DeliveryReplay


async def ask_replay(database: Database, *, request: ReplayRequest) -> ReplayView:
    """The replay of what the request means now; what arrives later is none of it.

    Raises Invalid for deliveries that are not there and for a stretch of time that is none.
    """
    async with database.transaction() as tx:
        total = await how_many(tx.session, request)
        named = set(request.delivery_ids or ())
        if named and total < len(named):
            raise Invalid(errors=[FieldError("/delivery_ids", f"{len(named) - total} of them are not there")])
        replay = DeliveryReplay(
            replay_id=new_id(),
            asked_by=current_context().actor,
            asked_at=tx.now,
            asked=as_asked(request),
            total=total,
            after_id=None,
            outcomes={},
            finished_at=None if total else tx.now,
        )
        tx.session.add(replay)
        await tx.session.flush()
        return await tx.commit(view_of(replay))
