"""Make a chain, or change who belongs to it."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import delete, insert, select

from conveyor.contracts.roster import ChainRecorded
from conveyor.kit.database import Database, Transaction
from conveyor.kit.http.etags import StaleRevision
from conveyor.kit.ids import new_id
from conveyor.kit.refusals import FieldError, Invalid, NotFound
from handoff_bus.chains.queries import ChainView
from handoff_bus.chains.tables import Chain, ChainMember
from handoff_bus.employees.tables import Employee


async def record_chain(database: Database, *, name: str, member_ids: Sequence[UUID], effective_from: date) -> ChainView:
    """A new chain, known to all services by `chain_recorded`. Raises Invalid for an unknown or repeated member."""
    async with database.transaction() as tx:
        await _check_members(tx, member_ids)
        chain = Chain(chain_id=new_id(), revision=1, name=name, effective_from=effective_from)
        tx.session.add(chain)
        await tx.session.flush()
        return await tx.commit(await _keep_and_announce(tx, chain, member_ids))


async def change_chain(
    database: Database, *, chain_id: UUID, revision: int, name: str, member_ids: Sequence[UUID], effective_from: date
) -> ChainView:
    """The next revision of a chain. Raises NotFound, StaleRevision, Invalid for a wrong member."""
    async with database.transaction() as tx:
        chain = await tx.session.scalar(select(Chain).where(Chain.chain_id == chain_id).with_for_update())
        if chain is None:
            raise NotFound
        if chain.revision != revision:
            raise StaleRevision
        await _check_members(tx, member_ids)
        chain.revision += 1
        chain.name = name
        chain.effective_from = effective_from
        await tx.session.flush()
        return await tx.commit(await _keep_and_announce(tx, chain, member_ids))


async def _check_members(tx: Transaction, member_ids: Sequence[UUID]) -> None:
    known = set(await tx.session.scalars(select(Employee.employee_id).where(Employee.employee_id.in_(member_ids))))
    errors = [
        FieldError(f"/member_ids/{index}", "there is no such employee" if member not in known else "is named twice")
        for index, member in enumerate(member_ids)
        if member not in known or member in member_ids[:index]
    ]
    if errors:
        raise Invalid(errors=errors)


async def _keep_and_announce(tx: Transaction, chain: Chain, member_ids: Sequence[UUID]) -> ChainView:
    await tx.session.execute(delete(ChainMember).where(ChainMember.chain_id == chain.chain_id))
    rows = [{"chain_id": chain.chain_id, "employee_id": member} for member in member_ids]
    await tx.session.execute(insert(ChainMember), rows)
    members = sorted(member_ids)
    tx.say(
        ChainRecorded(
            chain_id=chain.chain_id,
            revision=chain.revision,
            name=chain.name,
            member_ids=tuple(members),
            effective_from=chain.effective_from,
        )
    )
    return ChainView(
        id=chain.chain_id,
        revision=chain.revision,
        name=chain.name,
        member_ids=members,
        effective_from=chain.effective_from,
    )
