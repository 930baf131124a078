"""Reads of clients."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from account.clients.models import ClientQuery, ClientSummary, ClientView
from account.clients.tables import Client
from account.contracts.queries import contracts_of
from account.payments.queries import payments_of, starts_of
from account.payments.rules import NEW_MONTHS, age_at
from conveyor.handoffs.ownership.queries import OwnerIntervalView, covers, intervals_of, owned_by, owner_at
from conveyor.handoffs.ownership.tables import OwnerIntervalRow
from conveyor.handoffs.queries import offer_of
from conveyor.handoffs.tables import ReceivedHandoff
from conveyor.kit.calendar import BusinessCalendar
from conveyor.kit.database import Database
from conveyor.kit.http.auth import Principal
from conveyor.kit.http.pagination import Page, PageRequest, page_of
from conveyor.kit.refusals import NotFound
from conveyor.roster.queries import current_calendar


async def list_clients(
    database: Database, *, principal: Principal, wanted: ClientQuery, page: PageRequest
) -> Page[ClientSummary]:
    """Clients by id; an AM's list holds what he owns now."""
    now = database.clock.now()
    statement = select(Client)
    if wanted.lead_id is not None:
        statement = statement.where(Client.lead_id == wanted.lead_id)
    whose = {owner_id for owner_id in (wanted.employee_id, _owner_that_limits(principal)) if owner_id is not None}
    looks = [and_(*(owned_by(Client.lead_id, owner_id, now) for owner_id in whose))] if whose else []
    async with database.reading() as session:
        clients, next_cursor = await page_of(session, statement, key=(Client.lead_id,), page=page, looks=looks)
        ids = [client.lead_id for client in clients]
        owners, starts = await intervals_of(session, ids), await starts_of(session, ids)
        calendar = (await current_calendar(session)).calendar
    items = [
        _summary(client, owners=owners.get(client.lead_id, []), since=starts.get(client.lead_id), at=(now, calendar))
        for client in clients
    ]
    return Page[ClientSummary](items=items, next_cursor=next_cursor)


async def read_client(database: Database, lead_id: UUID, *, principal: Principal) -> tuple[ClientView, int]:
    """One client and its revision; NotFound when there is none or it is not the caller's to see."""
    now = database.clock.now()
    statement = select(Client).where(Client.lead_id == lead_id)
    owner_id = _owner_that_limits(principal)
    if owner_id is not None:
        statement = statement.where(owned_by(Client.lead_id, owner_id, now))
    async with database.reading() as session:
        client = await session.scalar(statement)
        if client is None:
            raise NotFound
        return await client_view(session, client, now=now), client.revision


async def client_view(session: AsyncSession, client: Client, *, now: datetime) -> ClientView:
    """The client with everything known about it, from the caller's session."""
    lead_id = client.lead_id
    offer = offer_of(await session.get_one(ReceivedHandoff, client.handoff_id))
    owners = (await intervals_of(session, [lead_id])).get(lead_id, [])
    since = (await starts_of(session, [lead_id])).get(lead_id)
    calendar = (await current_calendar(session)).calendar
    return ClientView(
        **_summary(client, owners=owners, since=since, at=(now, calendar)).model_dump(),
        company=offer.company,
        contacts=offer.contacts,
        needs=offer.needs,
        criteria=offer.criteria,
        touches=offer.touches,
        introduction_wanted=offer.introduction_wanted,
        contracts=await contracts_of(session, lead_id),
        owners=owners,
        payments=await payments_of(session, lead_id),
    )


async def clients_by_owner(session: AsyncSession, now: datetime) -> Mapping[UUID, int]:
    """How many clients each AM owns now."""
    rows = await session.execute(
        select(OwnerIntervalRow.employee_id, func.count()).where(*covers(now)).group_by(OwnerIntervalRow.employee_id)
    )
    return dict(rows.all())


def _owner_that_limits(principal: Principal) -> UUID | None:
    if principal.role != "am":
        return None
    if principal.employee_id is None:
        raise NotFound
    return principal.employee_id


def _summary(
    client: Client, *, owners: list[OwnerIntervalView], since: datetime | None, at: tuple[datetime, BusinessCalendar]
) -> ClientSummary:
    now, calendar = at
    return ClientSummary(
        id=client.lead_id,
        lead_id=client.lead_id,
        handoff_id=client.handoff_id,
        company_name=client.company_name,
        employee_id=owner_at(owners, now),
        opened_at=client.opened_at,
        since=since,
        mature_from=calendar.add_months(since, NEW_MONTHS) if since else None,
        age=age_at(since, now, calendar) if since else None,
    )
