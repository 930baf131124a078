"""Erasures applied again after a restore: what the bus itself lost, and when a repetition is done."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from conveyor.contracts.erasure import ErasureCarriedOut, ErasuresReapplied, LeadErased, PersonErased
from conveyor.contracts.references import ReferenceAssigned
from conveyor.contracts.registry import SERVICES
from conveyor.contracts.roster import EmployeeRecorded
from conveyor.contracts.values import Reference
from conveyor.kit.ids import new_id
from handoff_bus.erasures.kept_records import KeptRecord
from handoff_bus.erasures.purge_stream import is_due
from handoff_bus.erasures.reapply import reapply_erasures
from handoff_bus.erasures.request_erasure import ErasureRequest, request_erasure
from handoff_bus.erasures.tables import Erasure
from tests.handoff_bus.bus_at_work import BusAtWork
from tests.handoff_bus.test_erasures import ACT

PHONE, EMAIL, CONTRACT = (
    Reference(system=system, value=value)
    for system, value in (("phone", "+79057770101"), ("email", "aglaya@romashka.example"), ("contract", "C-17"))
)


async def _erase(bus: BusAtWork, kind: Any, subject_id: Any, lead_id: Any = None) -> Any:
    order = ErasureRequest(
        kind=kind, subject_id=subject_id, lead_id=lead_id, ground="purpose_reached", asked_by="operator",
        request_number=None,
    )  # fmt: skip
    return (await request_erasure(bus.database, order, ACT)).id


async def _lead(bus: BusAtWork, *references: Reference) -> Any:
    lead_id = new_id()
    await bus.hear(*[ReferenceAssigned(lead_id=lead_id, reference=each) for each in (CONTRACT, *references)])
    return lead_id


async def _names(bus: BusAtWork, lead_id: Any) -> set[str]:
    return {each["system"] for each in (await bus.read(f"/references?lead_id={lead_id}"))["items"]}


async def _due(bus: BusAtWork) -> list[Any]:
    async with bus.database.reading() as session:
        return list(await session.scalars(select(Erasure.erasure_id).where(is_due())))


async def test_an_employee_whose_name_came_back_loses_it_again(bus: BusAtWork) -> None:
    anna = await bus.hire("Karenina")
    left = await bus.call("PATCH", f"/employees/{anna['id']}", {"left_on": "2026-03-01"}, if_match='"1"')
    assert left.status_code == 200, left.text
    erasure_id = await _erase(bus, "employee", anna["id"])
    async with bus.database.transaction() as tx:
        await tx.session.execute(text("UPDATE employees SET full_name = 'Karenina', left_on = NULL"))
        await tx.commit()

    await reapply_erasures(bus.database, reason="restored")

    assert (await bus.read(f"/employees/{anna['id']}"))["full_name"] == f"erased {anna['id'][-12:]}"
    assert (await bus.said(EmployeeRecorded))[-1].full_name == f"erased {anna['id'][-12:]}"
    assert [fact.erasure_id for fact in await bus.said(PersonErased)] == [erasure_id] * 2
    said = len(await bus.said(EmployeeRecorded))
    await reapply_erasures(bus.database, reason="restored")
    assert len(await bus.said(EmployeeRecorded)) == said


@pytest.mark.parametrize("was_heard", [True, False])
async def test_names_of_a_contact_go_when_the_bus_lost_his_erasure(bus: BusAtWork, was_heard: bool) -> None:
    lead_id, contact_id = await _lead(bus, PHONE, EMAIL), new_id()
    erasure_id = await _erase(bus, "contact", contact_id, lead_id)
    if was_heard:
        await bus.hear(PersonErased(erasure_id=erasure_id, kind="contact", person_id=contact_id, lead_id=lead_id))
    bus.clock.set(bus.clock.now() + timedelta(hours=1))

    await reapply_erasures(bus.database, reason="restored")

    assert await _names(bus, lead_id) == ({"phone", "email", "contract"} if was_heard else {"contract"})


async def test_it_is_done_when_every_service_has_said_so_again(bus: BusAtWork) -> None:
    erasure_id = await _erase(bus, "lead", await _lead(bus))
    told = ErasureCarriedOut(erasure_id=erasure_id)
    for service in SERVICES:
        await bus.hear(told, service=service)
    assert await _due(bus) == [erasure_id]

    asked = await reapply_erasures(bus.database, reason="restored")

    assert (asked.state, asked.erasures, asked.added) == ("under_way", 1, 0)
    again = (await bus.said(ErasuresReapplied))[-1]
    assert (again.erasures, again.newest_id) == (1, erasure_id)
    assert len(await bus.said(LeadErased)) == 2
    later = bus.clock.now()
    for service in SERVICES:
        assert await _due(bus) == []
        is_restored = service == "closing"
        await bus.hear(ErasureCarriedOut(erasure_id=erasure_id, is_repeated=not is_restored), service=service, at=later)
    assert await _due(bus) == [erasure_id]
    record = await bus.read(f"/erasures/{erasure_id}", who="auditor")
    assert all(each["repeated_at"] > record["reapplied_at"] for each in record["confirmations"])


async def test_lost_records_are_given_back_once(bus: BusAtWork) -> None:
    erasure_id = await _erase(bus, "lead", await _lead(bus))
    kept = (await bus.read("/erasures", who="auditor"))["items"]
    async with bus.database.transaction() as tx:
        await tx.session.execute(text("DELETE FROM erasures"))
        await tx.commit()
    body = {"reason": "restored", "records": kept}

    records = [KeptRecord.model_validate(each) for each in kept]
    without_eraser = await bus.call("POST", "/erasures/reapplications", body)
    first, second = [await reapply_erasures(bus.database, reason="x", records=records) for _ in range(2)]

    assert (without_eraser.status_code, without_eraser.json()["code"]) == (409, "nobody-may-purge")
    assert (first.added, second.added) == (1, 0)
    record = await bus.read(f"/erasures/{erasure_id}", who="auditor")
    assert {**record, "reapplied_at": None} == kept[0]
