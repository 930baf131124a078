"""Payments and refunds are shown on their deals, whatever came first and how often."""

from itertools import permutations
from typing import Any
from uuid import UUID

from conveyor.contracts.outside import PaymentReceived, PaymentRefunded
from conveyor.kit.ids import new_id
from tests.closing.deal_steps import deal, opened, sign
from tests.handoffs.stage_at_work import NOW, YESTERDAY, StageAtWork


def payment(lead_id: UUID, payment_id: str, *, number: str = "C-17", amount: str = "200000.00") -> PaymentReceived:
    body: dict[str, Any] = {
        "payment_id": payment_id,
        "source": "bank",
        "lead_id": lead_id,
        "paid_at": NOW,
        "amount": {"amount": amount, "currency": "RUB"},
        "reference": {"system": "contract", "value": number},
        "delivery_id": new_id(),
    }
    return PaymentReceived.model_validate(body)


def refund(lead_id: UUID, payment_id: str) -> PaymentRefunded:
    body: dict[str, Any] = {
        "refund_id": f"R-{payment_id}",
        "payment_id": payment_id,
        "source": "bank",
        "lead_id": lead_id,
        "refunded_at": NOW,
        "amount": {"amount": "50000.00", "currency": "RUB"},
        "delivery_id": new_id(),
    }
    return PaymentRefunded.model_validate(body)


async def test_payments_before_and_after_the_deal_in_any_order_and_twice(stage: StageAtWork) -> None:
    boris = await stage.hire()
    for number, order in enumerate(permutations(("deal", "payment", "refund"))):
        lead_id = new_id()
        deal_id = ""
        for step in order:
            if step == "deal":
                deal_id, _ = await opened(stage, boris, lead_id=lead_id)
                await sign(stage, deal_id, by=boris, number=f"C-{number}")
            else:
                fact = payment(lead_id, f"P{number}") if step == "payment" else refund(lead_id, f"P{number}")
                await stage.hear(fact)
                await stage.hear(fact, fact)

        (shown,) = (await deal(stage, deal_id))["payments"]
        assert (shown["payment_id"], shown["amount"]) == (f"P{number}", {"amount": "200000.00", "currency": "RUB"})
        assert [one["refund_id"] for one in shown["refunds"]] == [f"R-P{number}"]


async def test_a_payment_is_shown_on_the_deal_it_names(stage: StageAtWork) -> None:
    boris, lead_id = await stage.hire(), new_id()
    first, _ = await opened(stage, boris, lead_id=lead_id)
    second, _ = await opened(stage, boris, lead_id=lead_id)
    await sign(stage, first, by=boris, number="C-1", signed_at=YESTERDAY.isoformat())
    await sign(stage, second, by=boris, number="C-2")

    await stage.hear(*(payment(lead_id, f"P{number}", number=f"C-{number}") for number in (1, 2, 3)))

    assert [one["payment_id"] for one in (await deal(stage, first))["payments"]] == ["P1"]
    assert [one["payment_id"] for one in (await deal(stage, second))["payments"]] == ["P2", "P3"]
