"""Reads of contracts."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from closing.contracts.models import ContractView
from closing.contracts.tables import AccountOffer, DealContract, DealReference
from closing.deals.tables import Deal
from conveyor.contracts.values import Reference, WireMoney
from conveyor.kit.money import Money


async def contracts_of(session: AsyncSession, deal_id: UUID) -> list[ContractView]:
    """The deal's contracts in the order of their signing."""
    rows = await session.execute(
        select(DealContract, Deal.lead_id)
        .join(Deal, Deal.deal_id == DealContract.deal_id)
        .where(DealContract.deal_id == deal_id)
        .order_by(DealContract.signed_at, DealContract.number)
    )
    references = await session.scalars(
        select(DealReference)
        .where(DealReference.deal_id == deal_id)
        .order_by(DealReference.system, DealReference.value)
    )
    offers = await session.scalars(
        select(AccountOffer).where(AccountOffer.deal_id == deal_id).order_by(AccountOffer.handoff_id.desc())
    )
    # Ids are in the order of their making: the first offer of a number is set last and stays.
    named, offered = references.all(), {offer.contract_number: offer.handoff_id for offer in offers}
    return [
        contract_view(
            contract,
            lead_id=lead_id,
            references=[
                Reference(system=one.system, value=one.value)
                for one in named
                if one.contract_id == contract.contract_id
            ],
            handoff_id=offered.get(contract.number),
        )
        for contract, lead_id in rows
    ]


def contract_view(
    contract: DealContract, *, lead_id: UUID, references: Sequence[Reference], handoff_id: UUID | None
) -> ContractView:
    """The contract as the API shows it."""
    return ContractView(
        id=contract.contract_id,
        deal_id=contract.deal_id,
        lead_id=lead_id,
        number=contract.number,
        signed_at=contract.signed_at,
        value=_value_of(contract),
        references=list(references),
        handoff_id=handoff_id,
    )


def _value_of(contract: DealContract) -> WireMoney | None:
    if contract.amount_minor is None or contract.currency is None:
        return None
    return Money(contract.amount_minor, contract.currency).to_wire()
