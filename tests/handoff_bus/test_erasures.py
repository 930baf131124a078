"""Erasures at the bus: who may be erased, what is said of it, what the record holds; and how long raw requests stay."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conveyor.contracts.erasure import ErasedRows, ErasureCarriedOut, LeadErased, PersonErased
from conveyor.contracts.references import ReferenceAssigned
from conveyor.contracts.registry import SERVICES
from conveyor.contracts.roster import EmployeeRecorded
from conveyor.contracts.values import Reference
from conveyor.kit.ids import new_id
from conveyor.kit.refusals import NotFound
from handoff_bus.deliveries.retention import remove_raw
from handoff_bus.erasures.act import Act
from handoff_bus.erasures.parties import Party, Responsible
from handoff_bus.erasures.request_erasure import ErasureRequest, request_erasure
from handoff_bus.erasures.rules import AlreadyErased, EmployeeStillWorks
from tests.handoff_bus.bus_at_work import BusAtWork
from tests.handoff_bus.events import call, payment

ACT = Act(
    operator=Party(name="OOO Conveyor", address="Moscow, Lenina 1"),
    processors=(),
    responsible=Responsible(full_name="Petrova V. V.", position="head of staff"),
    system="Conveyor",
)
PHONE = Reference(system="phone", value="+7 905 777-01-01")


def _order(**of: Any) -> ErasureRequest:
    named = {"lead_id": None, "ground": "consent_withdrawn", "asked_by": "subject", "request_number": "7", **of}
    return ErasureRequest(**named)


async def test_a_lead_is_erased_once_and_all_services_confirm(bus: BusAtWork) -> None:
    lead_id = new_id()
    await bus.hear(ReferenceAssigned(lead_id=lead_id, reference=PHONE))
    order = _order(kind="lead", subject_id=lead_id, lead_id=lead_id)

    view = await request_erasure(bus.database, order, ACT)

    assert [fact.lead_id for fact in await bus.said(LeadErased)] == [lead_id]
    assert (view.state, view.waits_for) == ("under_way", list(SERVICES))
    with pytest.raises(AlreadyErased):
        await request_erasure(bus.database, order, ACT)
    done = ErasureCarriedOut(erasure_id=view.id, erased=(ErasedRows(what="leads", rows=1),))
    for service in SERVICES:
        await bus.hear(done, service=service)
        await bus.hear(done, service=service)
    seen = await bus.read(f"/erasures/{view.id}", who="auditor")
    assert seen["waits_for"] == ["stream"]
    assert {each["service"]: each["erased"] for each in seen["confirmations"]} == {
        service: [{"what": "leads", "rows": 1}] for service in SERVICES
    }
    assert seen["carried_out_by"] == "system"
    assert (seen["ground"], seen["asked_by"], seen["request_number"]) == ("consent_withdrawn", "subject", "7")


async def test_nobody_is_erased_who_is_not_there(bus: BusAtWork) -> None:
    for kind in ("lead", "contact", "employee"):
        with pytest.raises(NotFound):
            await request_erasure(bus.database, _order(kind=kind, subject_id=new_id(), lead_id=new_id()), ACT)


async def test_an_employee_is_erased_after_he_left_and_keeps_his_payroll_number(bus: BusAtWork) -> None:
    anna = await bus.hire("Karenina", extension="101")
    order = _order(kind="employee", subject_id=anna["id"])
    with pytest.raises(EmployeeStillWorks):
        await request_erasure(bus.database, order, ACT)
    left = await bus.call("PATCH", f"/employees/{anna['id']}", {"left_on": "2026-03-01"}, if_match='"1"')
    assert left.status_code == 200, left.text

    await request_erasure(bus.database, _order(kind="employee", subject_id=left.json()["id"]), ACT)

    newest = (await bus.said(EmployeeRecorded))[-1]
    assert (newest.full_name, newest.payroll_number) == (f"erased {anna['id'][-12:]}", "Karenina")
    assert {reference.system for reference in newest.references} <= {"payroll_number"}
    assert [fact.kind for fact in await bus.said(PersonErased)] == ["employee"]


async def test_a_contacts_phone_is_no_name_of_the_lead_any_more(bus: BusAtWork) -> None:
    lead_id = new_id()
    other = Reference(system="phone", value="+7 905 777-02-02")
    await bus.hear(*[ReferenceAssigned(lead_id=lead_id, reference=each) for each in (PHONE, other)])

    names = [Reference(system="phone", value="8 (905) 777-01-01")]
    await request_erasure(bus.database, _order(kind="contact", subject_id=new_id(), lead_id=lead_id, names=names), ACT)

    left = (await bus.read(f"/references?lead_id={lead_id}"))["items"]
    assert [each["value"] for each in left] == ["79057770202"]


async def test_what_only_repeats_or_contradicts_a_call_of_the_lead_goes_with_it(bus: BusAtWork) -> None:
    lead_id, other_id = new_id(), new_id()
    other = Reference(system="phone", value="+7 905 777-02-02")
    await bus.hear(ReferenceAssigned(lead_id=lead_id, reference=PHONE))
    await bus.hear(ReferenceAssigned(lead_id=other_id, reference=other))
    await bus.hire("Anna", extension="101")
    named = PHONE.model_dump()
    said = [
        await bus.deliver(call("K1", lead=named)),
        await bus.deliver(call("K1", lead=named, recording_url="https://v/1")),
    ]
    said.append(await bus.deliver(call("K1", lead=named)))
    theirs = await bus.deliver(call("K2", lead=other.model_dump()))
    states = [await bus.state(each) for each in said]
    assert states == [("published", None), ("quarantined", "other_content"), ("published", "repetition")]

    await bus.hear(LeadErased(erasure_id=new_id(), lead_id=lead_id))

    assert [(await bus.delivery(each))["body"] for each in said] == ["", "", ""]
    assert (await bus.delivery(theirs))["body"] != ""


async def test_without_a_user_who_may_purge_nothing_begins(bus: BusAtWork) -> None:
    body = {"kind": "lead", "subject_id": str(new_id()), "ground": "purpose_reached", "asked_by": "operator"}

    refused = await bus.call("POST", "/erasures", body)

    assert (refused.status_code, refused.json()["code"]) == (409, "nobody-may-purge")


async def test_raw_requests_of_settled_deliveries_are_forgotten_and_still_known(bus: BusAtWork) -> None:
    await bus.hear(ReferenceAssigned(lead_id=new_id(), reference=Reference(system="contract", value="C-17")))
    settled = await bus.deliver(payment("P1"), webhook_id="w-1")
    parked = await bus.deliver(payment("P2", lead={"system": "contract", "value": "C-99"}))
    soon = datetime.now(UTC) + timedelta(minutes=1)

    assert await remove_raw(bus.database, before=soon - timedelta(days=1)) == 0
    assert await remove_raw(bus.database, before=soon) == 1

    gone, waits = await bus.delivery(settled), await bus.delivery(parked)
    assert (gone["body"], gone["headers"], gone["state"]) == ("", {}, "published")
    assert gone["raw_removed_at"] is not None
    assert waits["body"] != ""
    assert (await bus.call("POST", f"/deliveries/{settled}/replay", who="head")).status_code == 409
    again = await bus.push(payment("P1"), webhook_id="w-1")
    assert again.json()["delivery_id"] == settled
