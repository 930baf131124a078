"""Chains over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from conveyor.contracts.values import Text
from conveyor.kit.http.auth import ROLES, Principal, allow
from conveyor.kit.http.etags import IfMatch, etag_of
from conveyor.kit.http.models import RequestModel
from conveyor.kit.http.pagination import Page, PageQuery
from handoff_bus.bus import TheBus
from handoff_bus.chains import queries
from handoff_bus.chains.queries import ChainView
from handoff_bus.chains.record_chain import change_chain, record_chain

router = APIRouter(prefix="/chains", tags=["chains"])

Admin = Annotated[Principal, Depends(allow("admin"))]
Anybody = Annotated[Principal, Depends(allow(*sorted(ROLES)))]


class ChainBody(RequestModel):
    """The whole chain."""

    name: Text
    member_ids: Annotated[list[UUID], Field(min_length=1, max_length=500)]
    effective_from: date


@router.post("", status_code=201)
async def create_chain(body: ChainBody, bus: TheBus, _: Admin, response: Response) -> ChainView:
    """Make a chain of employees."""
    view = await record_chain(
        bus.database, name=body.name, member_ids=body.member_ids, effective_from=body.effective_from
    )
    response.headers["ETag"] = etag_of(view.revision)
    return view


@router.get("")
async def list_chains(*, bus: TheBus, _: Anybody, page: PageQuery, employee_id: UUID | None = None) -> Page[ChainView]:
    """All chains, or those of one employee."""
    async with bus.database.reading() as session:
        return await queries.list_chains(session, employee_id=employee_id, page=page)


@router.get("/{chain_id}")
async def get_chain(chain_id: UUID, bus: TheBus, _: Anybody, response: Response) -> ChainView:
    """One chain, with the ETag that a PUT needs."""
    async with bus.database.reading() as session:
        view = await queries.find_chain(session, chain_id=chain_id)
    response.headers["ETag"] = etag_of(view.revision)
    return view


@router.put("/{chain_id}")
async def put_chain(
    chain_id: UUID, body: ChainBody, revision: IfMatch, bus: TheBus, _: Admin, response: Response
) -> ChainView:
    """Replace name, members and first day of a chain. 412 when somebody else changed it since."""
    view = await change_chain(
        bus.database,
        chain_id=chain_id,
        revision=revision,
        name=body.name,
        member_ids=body.member_ids,
        effective_from=body.effective_from,
    )
    response.headers["ETag"] = etag_of(view.revision)
    return view
