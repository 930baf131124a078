"""Which deal a payment is shown on."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from closing.payments.rules import ContractOfLead, deal_of_payment

FIRST, SECOND, THIRD = (UUID(int=number) for number in (1, 2, 3))


def day(number: int) -> datetime:
    return datetime(2025, 9, number, tzinfo=UTC)


def contract(deal_id: UUID, number: str, signed: int) -> ContractOfLead:
    names = frozenset({("contract", number), ("invoice", f"I-{number}")})
    return ContractOfLead(deal_id=deal_id, number=number, signed_at=day(signed), names=names)


CONTRACTS = [contract(SECOND, "C-2", 10), contract(FIRST, "C-1", 5)]


@pytest.mark.parametrize(
    ("contracts", "reference", "paid", "deal_id"),
    [
        (CONTRACTS, ("contract", "C-1"), 20, FIRST),
        (CONTRACTS, ("invoice", "I-C-2"), 1, SECOND),
        (CONTRACTS, ("phone", "+7"), 10, SECOND),
        (CONTRACTS, ("phone", "+7"), 9, FIRST),
        (CONTRACTS, ("phone", "+7"), 1, FIRST),
        ([], ("phone", "+7"), 1, THIRD),
    ],
    ids=["by number", "by invoice", "signed last", "signed last by then", "before all contracts", "no contract yet"],
)
def test_a_payment_belongs_to(
    contracts: list[ContractOfLead], reference: tuple[str, str], paid: int, deal_id: UUID
) -> None:
    found = deal_of_payment(
        contracts=contracts, deals_by_opening=[THIRD, FIRST, SECOND], reference=reference, paid_at=day(paid)
    )

    assert found == deal_id


def test_without_any_deal_it_belongs_to_none() -> None:
    assert deal_of_payment(contracts=[], deals_by_opening=[], reference=("phone", "+7"), paid_at=day(1)) is None
