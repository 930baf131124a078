"""Which deal of a lead a payment belongs to. Pure. Source: DESIGN, section 4, paying months.

The bonus engine has the same rule of its own; here it only decides where a payment is shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractOfLead:
    """A contract with the names (system, value) under which its deal is known, its own number among them."""

    deal_id: UUID
    number: str
    signed_at: datetime
    names: frozenset[tuple[str, str]]


def deal_of_payment(
    *,
    contracts: Iterable[ContractOfLead],
    deals_by_opening: Sequence[UUID],
    reference: tuple[str, str],
    paid_at: datetime,
) -> UUID | None:
    """The deal that the reference names; else of the contract signed last by then; else the earliest."""
    by_signing = sorted(contracts, key=lambda contract: (contract.signed_at, contract.number))
    named = next((contract for contract in by_signing if reference in contract.names), None)
    if named is not None:
        return named.deal_id
    signed = [contract for contract in by_signing if contract.signed_at <= paid_at] or by_signing[:1]
    if signed:
        return signed[-1].deal_id
    return deals_by_opening[0] if deals_by_opening else None
