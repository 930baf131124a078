"""The deals of one lead: which deal a payment belongs to, and which was the client's first.

Ties between deals are resolved by what is known outside (contract number), ids come last.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from conveyor.bonuses.engine.facts import AcceptanceFact, ContractFact, DealFact, PaymentFact


@dataclass(frozen=True, slots=True)
class DealMatch:
    """The deal of a payment, how it was found, and the contract that said so."""

    deal_id: UUID
    by: str
    contract: ContractFact | None


class LeadDeals:
    """Deals known from their opening, from acceptances that opened one, and from contracts."""

    def __init__(
        self, *, deals: list[DealFact], contracts: list[ContractFact], acceptances: list[AcceptanceFact]
    ) -> None:
        self._contracts = sorted(contracts, key=lambda item: (item.signed_at, item.number, str(item.deal_id)))
        opened: dict[UUID, datetime] = {}
        for deal_id, opened_at in [
            *((deal.deal_id, deal.opened_at) for deal in deals),
            *((item.deal_id, item.occurred_at) for item in acceptances if item.deal_id and item.to_stage == "closing"),
        ]:
            opened[deal_id] = min(opened.get(deal_id, opened_at), opened_at)
        self._opened = sorted(opened, key=lambda deal_id: (opened[deal_id], str(deal_id)))
        self._by_reference: dict[tuple[str, str], ContractFact] = {}
        for contract in self._contracts:
            for reference in (("contract", contract.number), *contract.references):
                self._by_reference.setdefault(reference, contract)

    @property
    def contracts(self) -> list[ContractFact]:
        """All contracts, in the order in which they were signed."""
        return self._contracts

    @property
    def first(self) -> UUID | None:
        """The client's first deal: the earliest signed contract's, without any contract the earliest opened."""
        if self._contracts:
            return self._contracts[0].deal_id
        return self._opened[0] if self._opened else None

    def of(self, payment: PaymentFact) -> DealMatch | None:
        """By reference; else by the contract signed last at or before `paid_at`; else the earliest; else the first."""
        named = self._by_reference.get(payment.reference)
        if named is not None:
            return DealMatch(named.deal_id, "reference", named)
        if self._contracts:
            found = self._contracts[0]
            for contract in self._contracts:
                if contract.signed_at <= payment.paid_at:
                    found = contract
            before = found.signed_at <= payment.paid_at
            return DealMatch(found.deal_id, "contract signed last" if before else "earliest contract", found)
        if self._opened:
            return DealMatch(self._opened[0], "earliest deal", None)
        return None
