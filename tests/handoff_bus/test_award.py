"""Two leads claim one contract number: a person decides, once, and what comes afterwards follows the decision."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from conveyor.contracts.outside import PaymentReceived
from conveyor.contracts.references import ReferenceAssigned, ReferenceAwarded
from conveyor.contracts.values import Reference
from conveyor.kit.ids import new_id
from tests.handoff_bus.bus_at_work import BusAtWork
from tests.handoff_bus.events import payment

REASON = {"reason": "typed into the wrong card"}


@pytest.fixture
async def claimed(bus: BusAtWork) -> tuple[UUID, UUID]:
    """The lead that holds C-17, and the one that claimed it later."""
    first, second = new_id(), new_id()
    for lead_id in (first, second):
        await bus.hear(ReferenceAssigned(lead_id=lead_id, reference=Reference(system="contract", value="C-17")))
    return first, second


async def claim_of(bus: BusAtWork, lead_id: UUID) -> Any:
    (claim,) = (await bus.read(f"/references?lead_id={lead_id}"))["items"]
    return claim


async def test_payments_follow_the_award_from_then_on(bus: BusAtWork, claimed: tuple[UUID, UUID]) -> None:
    first, second = claimed
    await bus.deliver(payment("P1"))

    awarded = await bus.call("POST", f"/references/{(await claim_of(bus, second))['id']}/award", REASON, who="head")

    assert awarded.status_code == 200, awarded.text
    assert (awarded.json()["state"], awarded.json()["awarded_reason"]) == ("active", REASON["reason"])
    assert (await claim_of(bus, first))["state"] == "conflict"
    await bus.deliver(payment("P2"))
    said = {fact.payment_id: fact.lead_id for fact in await bus.said(PaymentReceived)}
    assert said == {"P1": first, "P2": second}
    (fact,) = await bus.said(ReferenceAwarded)
    assert (fact.lead_id, fact.from_lead_id, fact.reason) == (second, first, REASON["reason"])


async def test_a_repeated_announcement_does_not_undo_it(bus: BusAtWork, claimed: tuple[UUID, UUID]) -> None:
    first, second = claimed
    await bus.call("POST", f"/references/{(await claim_of(bus, second))['id']}/award", REASON)

    await bus.hear(ReferenceAssigned(lead_id=first, reference=Reference(system="contract", value="C-17")))

    assert (await claim_of(bus, second))["state"] == "active"
    # It can be given back, by the same way.
    back = await bus.call("POST", f"/references/{(await claim_of(bus, first))['id']}/award", REASON)
    assert back.status_code == 200
    assert (await claim_of(bus, second))["state"] == "conflict"


async def test_what_cannot_be_awarded(bus: BusAtWork, claimed: tuple[UUID, UUID]) -> None:
    first, second = claimed
    stands, waits = await claim_of(bus, first), await claim_of(bus, second)

    refused = await bus.call("POST", f"/references/{stands['id']}/award", REASON)
    assert (refused.status_code, refused.json()["code"]) == (409, "reference-not-in-conflict")
    assert (await bus.call("POST", f"/references/{new_id()}/award", REASON)).status_code == 404
    assert (await bus.call("POST", f"/references/{waits['id']}/award", {"reason": ""})).status_code == 422
    assert (await bus.call("POST", f"/references/{waits['id']}/award", REASON, who="ae")).status_code == 403


async def test_of_two_at_once_on_one_name_each_ends_with_one_holder(bus: BusAtWork, claimed: tuple[UUID, UUID]) -> None:
    third = new_id()
    await bus.hear(ReferenceAssigned(lead_id=third, reference=Reference(system="contract", value="C-17")))
    claims = [await claim_of(bus, claimed[1]), await claim_of(bus, third)]

    answers = await asyncio.gather(*[bus.call("POST", f"/references/{one['id']}/award", REASON) for one in claims])

    assert [answer.status_code for answer in answers] == [200, 200]
    states = [(await claim_of(bus, lead_id))["state"] for lead_id in (*claimed, third)]
    assert sorted(states) == ["active", "conflict", "conflict"]
