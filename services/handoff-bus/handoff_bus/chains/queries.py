"""Reading chains."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.kit.http.models import AnswerModel
from conveyor.kit.http.pagination import Page, PageRequest, page_of
from conveyor.kit.refusals import NotFound
from handoff_bus.chains.tables import Chain, ChainMember


class ChainView(AnswerModel):
    """A chain; a lead handed over stays among its members where it can."""

    id: UUID
    revision: int
    name: str
    member_ids: list[UUID]
    effective_from: date


async def find_chain(session: AsyncSession, *, chain_id: UUID) -> ChainView:
    """One chain. Raises NotFound."""
    chain = await session.get(Chain, chain_id)
    if chain is None:
        raise NotFound
    return _view(chain, (await _members(session, [chain_id]))[chain_id])


async def list_chains(session: AsyncSession, *, employee_id: UUID | None, page: PageRequest) -> Page[ChainView]:
    """Chains, of one employee if he is named; by id."""
    statement = select(Chain)
    if employee_id is not None:
        his = select(ChainMember.chain_id).where(ChainMember.employee_id == employee_id)
        statement = statement.where(Chain.chain_id.in_(his))
    chains, cursor = await page_of(session, statement, key=[Chain.chain_id], page=page)
    members = await _members(session, [chain.chain_id for chain in chains])
    return Page[ChainView](items=[_view(chain, members[chain.chain_id]) for chain in chains], next_cursor=cursor)


async def _members(session: AsyncSession, chain_ids: Sequence[UUID]) -> defaultdict[UUID, list[UUID]]:
    rows = await session.execute(
        select(ChainMember.chain_id, ChainMember.employee_id)
        .where(ChainMember.chain_id.in_(chain_ids))
        .order_by(ChainMember.employee_id)
    )
    members: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for chain_id, employee_id in rows:
        members[chain_id].append(employee_id)
    return members


def _view(chain: Chain, member_ids: list[UUID]) -> ChainView:
    return ChainView(
        id=chain.chain_id,
        revision=chain.revision,
        name=chain.name,
        member_ids=member_ids,
        effective_from=chain.effective_from,
    )
