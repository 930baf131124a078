"""Contracts that closing announced, kept once each. The consumer commits."""

from sqlalchemy.dialects.postgresql import insert

from account.contracts.tables import ClientContract
from conveyor.contracts.closing import ContractSigned
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from conveyor.kit.money import Money


def listen(listeners: Listeners) -> None:
    """A contract may come before its handoff: it is kept and shown when the client is there."""
    listeners.on(ContractSigned, keep_contract)


async def keep_contract(tx: Transaction, event: Event[ContractSigned]) -> None:
    """Keep the contract under its number."""
    fact = event.fact
    value = Money.from_wire(fact.value) if fact.value else None
    contract = insert(ClientContract).values(
        number=fact.number,
        lead_id=fact.lead_id,
        deal_id=fact.deal_id,
        signed_at=fact.signed_at,
        amount_minor=value.amount_minor if value else None,
        currency=value.currency if value else None,
    )
    await tx.session.execute(contract.on_conflict_do_nothing())
