"""Deliveries find their lead and employee, whatever comes first."""

from typing import Any

import pytest

from conveyor.contracts.closing import ContractSigned
from conveyor.contracts.outside import CallRecorded, LeadReceived, PaymentReceived, PaymentRefunded, ReplyReceived
from conveyor.contracts.references import ReferenceAssigned
from conveyor.contracts.telemarketing import LeadRecorded
from conveyor.contracts.values import Company, IdentifiedContact, Reference
from conveyor.kit.ids import new_id
from tests.handoff_bus.bus_at_work import YESTERDAY, BusAtWork
from tests.handoff_bus.events import call, inbound_lead, payment, refund, reply


def _named(lead_id: Any, system: str = "contract", value: str = "C-17") -> ReferenceAssigned:
    return ReferenceAssigned(lead_id=lead_id, reference=Reference(system=system, value=value))


async def test_payment_of_a_known_contract_is_published(bus: BusAtWork) -> None:
    lead_id = new_id()
    await bus.hear(_named(lead_id, value=" C-17 "))
    delivery_id = await bus.deliver(payment(vat={"amount": "200.00", "currency": "RUB"}))

    (fact,) = await bus.said(PaymentReceived)
    assert (fact.lead_id, fact.source, fact.payment_id) == (lead_id, "bank", "P1")
    assert fact.reference == Reference(system="contract", value="C-17")
    assert str(fact.delivery_id) == delivery_id
    envelope = next(one for one in await bus.envelopes() if one.type.endswith("payment_received.v1"))
    assert (envelope.time, envelope.actor, str(envelope.correlationid)) == (fact.paid_at, "source:bank", delivery_id)
    seen = await bus.delivery(delivery_id)
    assert (seen["state"], seen["lead_id"]) == ("published", str(lead_id))
    assert [said["event_id"] for said in seen["facts"]] == [str(envelope.id)]


async def test_payment_before_its_contract_waits_for_it(bus: BusAtWork) -> None:
    delivery_id = await bus.deliver(payment())
    assert await bus.state(delivery_id) == ("parked", "unknown_lead")
    assert (await bus.delivery(delivery_id))["waits_for"] == ["lead:contract:C-17"]
    assert (await bus.read("/deliveries?state=parked"))["items"][0]["id"] == delivery_id

    lead_id, deal_id = new_id(), new_id()
    signed = ContractSigned(deal_id=deal_id, lead_id=lead_id, employee_id=new_id(), number="C-17", signed_at=YESTERDAY)
    await bus.hear(signed)
    await bus.hear(signed, _named(lead_id))

    assert await bus.state(delivery_id) == ("published", None)
    assert [fact.lead_id for fact in await bus.said(PaymentReceived)] == [lead_id]
    (known,) = (await bus.read(f"/references?lead_id={lead_id}"))["items"]
    assert (known["system"], known["value"], known["deal_id"]) == ("contract", "C-17", str(deal_id))


async def test_refund_before_its_payment_before_its_contract(bus: BusAtWork) -> None:
    refund_delivery = await bus.deliver(refund())
    payment_delivery = await bus.deliver(payment())
    assert await bus.state(refund_delivery) == ("parked", "unknown_payment")
    assert await bus.state(payment_delivery) == ("parked", "unknown_lead")

    lead_id = new_id()
    await bus.hear(_named(lead_id))

    assert [fact.lead_id for fact in await bus.said(PaymentRefunded)] == [lead_id]
    assert await bus.state(refund_delivery) == ("published", None)
    assert (await bus.read("/deliveries?state=parked"))["items"] == []


async def test_refund_of_another_sources_payment_is_not_matched(bus: BusAtWork) -> None:
    await bus.hear(_named(new_id()))
    await bus.deliver(payment(), source="acquirer")
    assert await bus.state(await bus.deliver(refund(), source="bank")) == ("parked", "unknown_payment")


async def test_payment_and_its_refund_in_one_batch(bus: BusAtWork) -> None:
    await bus.hear(_named(new_id()))
    await bus.push(refund())
    await bus.push(payment())
    await bus.settle()
    assert len(await bus.said(PaymentRefunded)) == len(await bus.said(PaymentReceived)) == 1


async def test_call_before_its_employee_waits_for_him(bus: BusAtWork) -> None:
    delivery_id = await bus.deliver(call())
    assert await bus.state(delivery_id) == ("parked", "unknown_employee")

    anna = await bus.hire(extension="101")
    await bus.settle()

    (fact,) = await bus.said(CallRecorded)
    assert (str(fact.employee_id), fact.lead_id, fact.duration_seconds) == (anna["id"], None, 60)
    envelope = (await bus.envelopes())[-1]
    assert envelope.subject == anna["id"]


async def test_call_of_a_known_phone_goes_to_the_lead_however_it_is_written(bus: BusAtWork) -> None:
    await bus.hire(extension="101")
    lead_id = new_id()
    await bus.hear(_named(lead_id, "phone", "8 (495) 000-00-01"))
    await bus.deliver(call(lead={"system": "phone", "value": "+7 495 000 00 01"}))
    assert [fact.lead_id for fact in await bus.said(CallRecorded)] == [lead_id]


async def test_ambiguous_phone_parks_money_and_replies_but_not_calls(bus: BusAtWork) -> None:
    await bus.hire(extension="101")
    phone = {"system": "phone", "value": "+74950000001"}
    await bus.hear(_named(new_id(), **phone), _named(new_id(), **phone))

    await bus.deliver(call(lead=phone))
    money = await bus.deliver(payment(lead=phone))
    answer = await bus.deliver(reply(lead=phone))

    assert [fact.lead_id for fact in await bus.said(CallRecorded)] == [None]
    assert await bus.state(money) == await bus.state(answer) == ("parked", "ambiguous_lead")
    assert (await bus.delivery(money))["waits_for"] == []


async def test_leads_own_id_waits_until_the_lead_is_known(bus: BusAtWork) -> None:
    lead_id = new_id()
    delivery_id = await bus.deliver(payment(lead={"system": "lead_id", "value": str(lead_id).upper()}))
    assert await bus.state(delivery_id) == ("parked", "unknown_lead")

    await bus.hear(
        LeadRecorded(lead_id=lead_id, revision=1, company=Company(name="R"), channel="list", mechanics="cold")
    )
    assert await bus.state(delivery_id) == ("published", None)


async def test_names_of_a_recorded_lead_correlate(bus: BusAtWork) -> None:
    lead_id = new_id()
    contact = IdentifiedContact(contact_id=new_id(), name="Ольга", phone="+7 495 1", email="Office@r.example")
    company = Company(name="R", inn="7701234567")
    await bus.hear(
        LeadRecorded(
            lead_id=lead_id, revision=1, company=company, contacts=(contact,), channel="list", mechanics="cold"
        )
    )
    await bus.deliver(reply(lead={"system": "email", "value": " office@R.example "}))
    await bus.deliver(payment(lead={"system": "inn", "value": "7701234567"}))
    assert [fact.lead_id for fact in await bus.said(ReplyReceived)] == [lead_id]
    assert [fact.lead_id for fact in await bus.said(PaymentReceived)] == [lead_id]


async def test_second_claim_on_an_exclusive_name_is_parked(bus: BusAtWork) -> None:
    first, second = new_id(), new_id()
    await bus.hear(_named(first))
    await bus.hear(_named(second), _named(second))
    await bus.deliver(payment())

    assert [fact.lead_id for fact in await bus.said(PaymentReceived)] == [first]
    (conflict,) = (await bus.read("/references?state=conflict"))["items"]
    assert (conflict["lead_id"], conflict["system"], conflict["value"]) == (str(second), "contract", "C-17")


async def test_contract_numbers_keep_their_case(bus: BusAtWork) -> None:
    await bus.hear(_named(new_id(), value="c-17"))
    assert await bus.state(await bus.deliver(payment())) == ("parked", "unknown_lead")


class TestOutsideIds:
    async def test_same_payment_under_another_webhook_id_is_a_repetition(self, bus: BusAtWork) -> None:
        await bus.hear(_named(new_id()))
        await bus.deliver(payment())
        repeated = await bus.deliver({**payment(paid_at="2026-03-09T09:00:00Z"), "timestamp": "2026-03-10T08:00:00Z"})

        assert await bus.state(repeated) == ("published", "repetition")
        assert len(await bus.said(PaymentReceived)) == 1

    async def test_same_id_with_other_content_is_quarantined(self, bus: BusAtWork) -> None:
        await bus.hear(_named(new_id()))
        await bus.hire(extension="101")
        for event, other in (
            (payment(), payment(lead={"system": "contract", "value": "C-18"})),
            (call(), call(duration_seconds=61)),
            (refund(), refund(amount="200.00")),
            (reply(), reply(kind="refusal")),
        ):
            await bus.deliver(event)
            assert await bus.state(await bus.deliver(other)) == ("quarantined", "other_content")
        assert len(await bus.said(PaymentReceived)) == len(await bus.said(CallRecorded)) == 1

    async def test_content_is_compared_also_while_the_first_is_parked(self, bus: BusAtWork) -> None:
        await bus.push(payment())
        await bus.push(payment())
        await bus.push(payment(amount={"amount": "1.00", "currency": "RUB"}))
        await bus.settle()
        await bus.hear(_named(new_id()))
        states = [(one["state"], one["reason"]) for one in (await bus.read("/deliveries"))["items"]]
        assert states == [("published", None), ("published", "repetition"), ("quarantined", "other_content")]
        assert len(await bus.said(PaymentReceived)) == 1

    async def test_ids_are_unique_per_source(self, bus: BusAtWork) -> None:
        await bus.hear(_named(new_id()))
        await bus.deliver(payment(), source="bank")
        await bus.deliver(payment(), source="acquirer")
        assert [fact.source for fact in await bus.said(PaymentReceived)] == ["bank", "acquirer"]


class TestByHand:
    async def test_match_publishes_this_delivery_only(self, bus: BusAtWork) -> None:
        lead_id = new_id()
        await bus.hear(_named(lead_id, value="C-1"))
        first, second = await bus.deliver(payment("P1")), await bus.deliver(payment("P2"))

        response = await bus.call("POST", f"/deliveries/{first}/match", {"lead_id": str(lead_id)}, who="head")

        assert response.status_code == 200
        assert (response.json()["state"], response.json()["lead_id"]) == ("published", str(lead_id))
        assert await bus.state(second) == ("parked", "unknown_lead")
        assert (await bus.envelopes())[-1].actor == "head:head"

    async def test_match_refuses_what_makes_no_sense(self, bus: BusAtWork) -> None:
        parked, waiting = await bus.deliver(payment()), await bus.deliver(refund())
        match = {"lead_id": str(new_id())}
        unknown = await bus.call("POST", f"/deliveries/{parked}/match", match)
        assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/lead_id")
        assert (await bus.call("POST", f"/deliveries/{waiting}/match", match)).json()["code"] == "no-lead-to-match"
        assert (await bus.call("POST", f"/deliveries/{new_id()}/match", match)).status_code == 404
        await bus.hear(_named(new_id()))
        assert (await bus.call("POST", f"/deliveries/{parked}/match", match)).json()["code"] == "delivery-not-parked"

    @pytest.mark.parametrize("event", [payment(), inbound_lead()])
    async def test_replay_never_says_a_fact_twice(self, bus: BusAtWork, event: dict[str, Any]) -> None:
        await bus.hear(_named(new_id()))
        delivery_id = await bus.deliver(event)
        said = len(await bus.envelopes())
        response = await bus.call("POST", f"/deliveries/{delivery_id}/replay", who="head")
        assert (response.status_code, response.json()["state"]) == (200, "published")
        assert len(await bus.envelopes()) == said

    async def test_a_quarantined_delivery_is_put_aside_with_the_reason(self, bus: BusAtWork) -> None:
        await bus.deliver(payment("P1"), webhook_id="w-1")
        assert (await bus.push(payment("P2"), webhook_id="w-1")).status_code == 409
        [kept] = (await bus.read("/deliveries?state=quarantined"))["items"]
        path = f"/deliveries/{kept['id']}/rejection"

        rejected = await bus.call("POST", path, {"reason": "the bank sent it by mistake"}, who="head")

        assert (rejected.json()["state"], rejected.json()["detail"]) == ("rejected", "the bank sent it by mistake")
        assert (await bus.read("/deliveries?state=quarantined"))["items"] == []
        assert (await bus.call("POST", path, {"reason": "again"})).json()["code"] == "delivery-not-parked"

    async def test_rejected_can_be_replayed(self, bus: BusAtWork) -> None:
        delivery_id = await bus.deliver(payment())
        body = {"reason": "not ours"}
        rejected = await bus.call("POST", f"/deliveries/{delivery_id}/rejection", body, who="head")
        assert (rejected.json()["state"], rejected.json()["detail"]) == ("rejected", "not ours")
        await bus.hear(_named(new_id()))
        assert await bus.state(delivery_id) == ("rejected", "by_hand")
        await bus.call("POST", f"/deliveries/{delivery_id}/replay", who="head")
        assert await bus.state(delivery_id) == ("published", None)

    async def test_who_may(self, bus: BusAtWork) -> None:
        delivery_id = await bus.deliver(payment())
        for who in ("payroll", "auditor", f"sdr:{new_id()}"):
            response = await bus.call("POST", f"/deliveries/{delivery_id}/replay", who=who)
            assert response.status_code == 403


class TestInboundLead:
    async def test_mints_the_lead_and_its_names_correlate_at_once(self, bus: BusAtWork) -> None:
        contacts = [{"name": "Ольга", "phone": "8 495 000-00-01", "email": "Office@r.example"}]
        company = {"name": "Ромашка", "inn": "7701234567"}
        await bus.push(payment(lead={"system": "inn", "value": "7701234567"}))
        await bus.push(inbound_lead(contacts=contacts, company=company))
        await bus.settle()

        (lead,) = await bus.said(LeadReceived)
        assert {(one.system, one.value) for one in lead.references} == {
            ("crm:site", "form-1"),
            ("inn", "7701234567"),
            ("phone", "74950000001"),
            ("email", "office@r.example"),
        }
        assert [fact.lead_id for fact in await bus.said(PaymentReceived)] == [lead.lead_id]

    async def test_finds_the_lead_by_an_exclusive_name_before_shared_ones(self, bus: BusAtWork) -> None:
        ours, neighbour = new_id(), new_id()
        await bus.hear(_named(ours, "inn", "7701234567"), _named(neighbour, "phone", "74950000001"))
        company = {"name": "Ромашка", "inn": "7701234567"}
        await bus.deliver(inbound_lead(company=company, contacts=[{"name": "О", "phone": "+74950000001"}]))
        assert [fact.lead_id for fact in await bus.said(LeadReceived)] == [ours]

    async def test_ambiguous_lead_is_parked_and_matched_by_hand(self, bus: BusAtWork) -> None:
        one, other = new_id(), new_id()
        await bus.hear(_named(one, "inn", "7701234567"), _named(other, "crm:site", "form-1"))
        delivery_id = await bus.deliver(inbound_lead(company={"name": "Ромашка", "inn": "7701234567"}))
        assert await bus.state(delivery_id) == ("parked", "ambiguous_lead")

        await bus.call("POST", f"/deliveries/{delivery_id}/match", {"lead_id": str(one)}, who="head")
        assert [fact.lead_id for fact in await bus.said(LeadReceived)] == [one]
        conflicts = (await bus.read("/references?state=conflict"))["items"]
        assert [(conflict["system"], conflict["lead_id"]) for conflict in conflicts] == [("crm:site", str(one))]

    async def test_the_same_company_twice_in_one_batch_is_one_lead(self, bus: BusAtWork) -> None:
        await bus.push(inbound_lead())
        await bus.push(inbound_lead(channel="phone"))
        await bus.settle()
        leads = {fact.lead_id for fact in await bus.said(LeadReceived)}
        assert len(leads) == 1
