"""Write a lead into its CRM again, whole and now: after a failure was put right, or somebody changed it there."""

from uuid import UUID

from sqlalchemy import select

from conveyor.kit.database import Database
from conveyor.kit.refusals import NotFound
from handoff_bus.write_backs.note_write import write_again
from handoff_bus.write_backs.queries import WriteBackView, view_of
from handoff_bus.write_backs.tables import WriteBack


async def replay_write_back(database: Database, *, write_back_id: UUID) -> WriteBackView:
    """The write-back, due now with nothing counted as written. Raises NotFound."""
    async with database.transaction() as tx:
        write_back = await tx.session.scalar(
            select(WriteBack).where(WriteBack.write_back_id == write_back_id).with_for_update()
        )
        if write_back is None:
            raise NotFound
        write_again(write_back, now=tx.now)
        return await tx.commit(view_of(write_back))
