"""Sign a contract: the deal is won, its outside names are announced, the lead is offered to account."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_

from closing.contracts.models import ContractView, SignContract
from closing.contracts.offer_to_account import offer_to_account
from closing.contracts.queries import contract_view
from closing.contracts.rules import ContractAlreadySigned, names_of_contract, names_one_deal, refuse_taken
from closing.contracts.tables import DealContract, DealReference
from closing.deals.doing import Desk, Doing, deal_to_change
from closing.deals.rules import refuse_if_lost
from closing.deals.tables import Deal
from conveyor.contracts.closing import ContractSigned
from conveyor.contracts.references import ReferenceAssigned
from conveyor.contracts.values import Reference
from conveyor.kit.database import Transaction, lock
from conveyor.kit.ids import new_id
from conveyor.kit.money import Money


async def sign_contract(desk: Desk, *, doing: Doing, said: SignContract) -> ContractView:
    """`doing.at` is when the lead is offered to account. A deal may get several contracts, each number once."""
    names = names_of_contract(said.number, said.references)
    async with desk.database.transaction() as tx:
        deal = await deal_to_change(tx, deal_id=doing.deal_id, principal=doing.principal)
        refuse_if_lost(deal.state)
        await _claim(tx, deal, number=said.number, names=names)
        contract = await _record(tx, deal, doing=doing, said=said, names=names)
        deal.state = "won"
        deal.closed_at = min(deal.closed_at or said.signed_at, said.signed_at)
        _announce(tx, deal, doing=doing, said=said, names=names)
        handoff_id = await offer_to_account(
            tx, deal=deal, contract_number=said.number, offered_by=doing.employee_id, offered_at=doing.at
        )
        view = contract_view(contract, lead_id=deal.lead_id, references=names, handoff_id=handoff_id)
        return await tx.commit(view)


async def _claim(tx: Transaction, deal: Deal, *, number: str, names: Sequence[Reference]) -> None:
    claims = sorted((name.system, name.value) for name in names if names_one_deal(name))
    for system, value in claims:
        await lock(tx, "deal-reference", system, value)
    held = await tx.session.execute(
        select(DealReference.system, DealReference.value, DealReference.deal_id).where(
            tuple_(DealReference.system, DealReference.value).in_(claims)
        )
    )
    holders: list[tuple[str, str, UUID]] = list(held)
    refuse_taken(number=number, taken=[(system, value) for system, value, owner in holders if owner != deal.deal_id])
    signed = await tx.session.scalar(select(DealContract.deal_id).where(DealContract.number == number))
    if signed is not None:
        raise ContractAlreadySigned


async def _record(
    tx: Transaction, deal: Deal, *, doing: Doing, said: SignContract, names: Sequence[Reference]
) -> DealContract:
    value = Money.from_wire(said.value) if said.value else None
    contract = DealContract(
        contract_id=new_id(),
        deal_id=deal.deal_id,
        number=said.number,
        signed_at=said.signed_at,
        amount_minor=value.amount_minor if value else None,
        currency=value.currency if value else None,
        signed_by=doing.employee_id,
        recorded_at=tx.now,
    )
    tx.session.add(contract)
    await tx.session.flush()
    for name in names:
        known = await tx.session.get(DealReference, (name.system, name.value, deal.deal_id))
        if known is None:
            tx.session.add(
                DealReference(
                    system=name.system, value=name.value, deal_id=deal.deal_id, contract_id=contract.contract_id
                )
            )
    return contract


def _announce(tx: Transaction, deal: Deal, *, doing: Doing, said: SignContract, names: Sequence[Reference]) -> None:
    signed_at: datetime = said.signed_at
    tx.say(
        ContractSigned(
            deal_id=deal.deal_id,
            lead_id=deal.lead_id,
            employee_id=doing.employee_id,
            number=said.number,
            signed_at=signed_at,
            value=said.value,
            references=tuple(names[1:]),
        ),
        occurred_at=signed_at,
    )
    for name in names:
        deal_id = deal.deal_id if names_one_deal(name) else None
        tx.say(ReferenceAssigned(lead_id=deal.lead_id, reference=name, deal_id=deal_id), occurred_at=signed_at)
