"""Reads of contracts."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from account.contracts.models import ContractView
from account.contracts.tables import ClientContract
from conveyor.contracts.values import WireMoney
from conveyor.kit.money import Money


async def contracts_of(session: AsyncSession, lead_id: UUID) -> list[ContractView]:
    """The client's contracts in the order of their signing."""
    rows = await session.scalars(
        select(ClientContract)
        .where(ClientContract.lead_id == lead_id)
        .order_by(ClientContract.signed_at, ClientContract.number)
    )
    return [
        ContractView(number=row.number, deal_id=row.deal_id, signed_at=row.signed_at, value=_value_of(row))
        for row in rows
    ]


def _value_of(contract: ClientContract) -> WireMoney | None:
    if contract.amount_minor is None or contract.currency is None:
        return None
    return Money(contract.amount_minor, contract.currency).to_wire()
