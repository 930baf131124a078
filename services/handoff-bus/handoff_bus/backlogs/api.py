"""Backlogs of all services over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends

from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.operations.api import TheService
from handoff_bus.backlogs import queries
from handoff_bus.backlogs.outbound import read_outbound
from handoff_bus.backlogs.queries import Backlogs

router = APIRouter(prefix="/backlogs", tags=["backlogs"])


@router.get("")
async def list_backlogs(
    service: TheService, _: Annotated[Principal, Depends(allow("admin", "head", "auditor"))]
) -> Backlogs:
    """What waits in each service, since when and for what; nothing of it names a person or a lead."""
    async with service.database.reading() as session:
        backlogs = await queries.read_backlogs(session, now=service.clock.now())
        outbound = await read_outbound(session)
    return await queries.with_messages_ahead(backlogs, outbound, service.connection)
