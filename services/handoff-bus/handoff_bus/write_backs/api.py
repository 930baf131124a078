"""Write-backs over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends

from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.pagination import Page, PageQuery
from handoff_bus.bus import TheBus
from handoff_bus.write_backs import queries
from handoff_bus.write_backs.queries import WriteBackDetail, WriteBackSettingsView, WriteBackView
from handoff_bus.write_backs.replay_write_back import replay_write_back
from handoff_bus.write_backs.rules import WriteState
from handoff_bus.write_backs.set_write_back import end_write_back, set_write_back

settings_router = APIRouter(prefix="/sources/{source_id}/write-back", tags=["write-backs"])
router = APIRouter(prefix="/write-backs", tags=["write-backs"])

Admin = Annotated[Principal, Depends(allow("admin"))]
Reader = Annotated[Principal, Depends(allow("admin", "head", "auditor", "integration"))]


@settings_router.put("")
async def put_write_back(
    source_id: UUID, settings: Annotated[dict[str, Any], Body()], bus: TheBus, _: Admin
) -> WriteBackSettingsView:
    """Write stage and owner of leads that move from now on into the CRM of this source.

    amocrm: `{api_url, token, statuses: {<position>: {pipeline_id, status_id}}, owner}`; bitrix24: `{api_url,
    deal_stages: {<position>: {stage_id, category_id?}}, lead_stages: {<position>: <stage>}, owner}`. Positions are
    telemarketing, closing, won, lost and account; one without a word there is not written. Other kinds: 409
    `no-write-back-for-kind`.
    """
    return await set_write_back(
        bus.database, source_id=source_id, settings=settings, private_allowed=bus.private_addresses_allowed
    )


@settings_router.get("")
async def get_write_back_settings(source_id: UUID, bus: TheBus, _: Reader) -> WriteBackSettingsView:
    """How this CRM is written to, without credentials."""
    async with bus.database.reading() as session:
        return await queries.find_settings(session, source_id=source_id)


@settings_router.delete("")
async def delete_write_back(source_id: UUID, bus: TheBus, _: Admin) -> WriteBackSettingsView:
    """Write nothing there until it is set again; its credentials are forgotten."""
    return await end_write_back(bus.database, source_id=source_id)


@router.get("")
async def list_write_backs(
    *,
    bus: TheBus,
    _: Reader,
    page: PageQuery,
    source_id: UUID | None = None,
    state: WriteState | None = None,
    lead_id: UUID | None = None,
) -> Page[WriteBackView]:
    """Leads in CRMs; `state=failed` is what a person has to look at."""
    async with bus.database.reading() as session:
        return await queries.list_write_backs(session, source_id=source_id, state=state, lead_id=lead_id, page=page)


@router.get("/{write_back_id}")
async def get_write_back(write_back_id: UUID, bus: TheBus, _: Reader) -> WriteBackDetail:
    """One lead in one CRM with every call."""
    async with bus.database.reading() as session:
        return await queries.find_write_back(session, write_back_id=write_back_id)


@router.post("/{write_back_id}/replay")
async def create_replay(write_back_id: UUID, bus: TheBus, _: Admin) -> WriteBackView:
    """Write it again, whole and now."""
    return await replay_write_back(bus.database, write_back_id=write_back_id)
