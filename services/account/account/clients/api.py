"""Endpoints of clients."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from account.clients.models import ClientQuery, ClientSummary, ClientView, MoveClient
from account.clients.move_client import move_client
from account.clients.queries import list_clients, read_client
from conveyor.handoffs.stage import ReceivingStage
from conveyor.kit.access.shows import shows_people
from conveyor.kit.database import Database
from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.etags import IfMatch, etag_of
from conveyor.kit.http.pagination import Page, PageQuery

Reader = Annotated[Principal, Depends(allow("am", "head", "admin", "auditor", "integration"))]
Mover = Annotated[Principal, Depends(allow("head", "admin"))]


def clients_router(database: Database, *, stage: ReceivingStage) -> APIRouter:
    """Routes under `/clients`. An AM sees the clients he owns now; a peer's client is 404."""
    router = APIRouter(prefix="/clients", tags=["clients"])

    @router.get("")
    async def get_clients(
        principal: Reader,
        page: PageQuery,
        lead_id: UUID | None = None,
        employee_id: Annotated[UUID | None, Query(description="Who owns it now.")] = None,
    ) -> Page[ClientSummary]:
        """Clients with their age and owner."""
        wanted = ClientQuery(lead_id=lead_id, employee_id=employee_id)
        return await list_clients(database, principal=principal, wanted=wanted, page=page)

    @router.get("/{lead_id}", dependencies=[shows_people("lead", field="lead_id")])
    async def get_client(lead_id: UUID, principal: Reader, response: Response) -> ClientView:
        """One client with contracts, payments and owners; its ETag is what `If-Match` of a PUT repeats."""
        view, revision = await read_client(database, lead_id, principal=principal)
        response.headers["ETag"] = etag_of(revision)
        return view

    @router.put("/{lead_id}/owner")
    async def put_owner(
        *, lead_id: UUID, _: Mover, revision: IfMatch, said: MoveClient, response: Response
    ) -> ClientView:
        """Give the client to another AM from a moment on."""
        moved = await move_client(database, stage=stage, lead_id=lead_id, revision=revision, said=said)
        response.headers["ETag"] = etag_of(moved.revision)
        return moved.client

    return router
