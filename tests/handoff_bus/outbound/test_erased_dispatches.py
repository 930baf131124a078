"""What an erasure leaves of what was told outside: the log, and no words."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Literal

import pytest

from conveyor.contracts.roster import EmployeeRecorded
from conveyor.contracts.telemarketing import LeadRecorded
from conveyor.erasing.erase_here import erase_here
from conveyor.erasing.subjects import Subject
from conveyor.kit.ids import new_id
from handoff_bus.erasures.erasing import STEPS
from tests.handoff_bus.bus_at_work import NOW, BusAtWork, until
from tests.handoff_bus.outbound.crms import entered, named, open_amocrm, write, write_back
from tests.handoff_bus.outbound.receivers import Answering, Receiver, dispatches, sender_of, states, subscribe


async def _erase(bus: BusAtWork, subject: Subject) -> dict[str, int]:
    async with bus.database.transaction() as tx:
        return await tx.commit(await erase_here(tx, subject, STEPS))


async def _called(receiver: Receiver) -> bool:
    return bool(receiver.received)


async def _told(bus: BusAtWork) -> list[tuple[str, str | None]]:
    seen = [await bus.read(f"/dispatches/{each['id']}", who="admin") for each in await dispatches(bus)]
    return [(attempt["outcome"], attempt["detail"]) for each in seen for attempt in each["log"]]


async def test_an_erased_lead_is_told_no_more_and_its_words_are_gone(bus: BusAtWork, receiver: Receiver) -> None:
    made = await subscribe(bus, receiver.url, "lead_recorded.v1")
    receiver.answering = Answering(body="Ромашка is known".encode())
    lead, other = new_id(), new_id()
    await bus.hear(entered(lead))
    await sender_of(bus).send_due()
    await bus.hear(LeadRecorded.model_validate({**entered(lead).model_dump(), "revision": 2}), entered(other))
    erased = await _erase(bus, Subject("lead", lead, lead))
    assert (erased["dispatches"], erased["dispatched_facts"], erased["dispatch_attempts"]) == (1, 2, 1)
    assert await states(bus) == ["delivered", "cancelled", "pending"]
    told, *_ = await dispatches(bus, f"lead_id={lead}")
    seen = await bus.read(f"/dispatches/{told['id']}", who="admin")
    assert (seen["body"], seen["log"][0]["detail"]) == ("", None)

    refused = await bus.call("POST", f"/dispatches/{told['id']}/replay")
    assert (refused.status_code, refused.json()["code"]) == (409, "dispatch-erased")
    stretch = {"from": "2020-01-01T00:00:00Z", "until": "2030-01-01T00:00:00Z", "states": ["delivered"]}
    answer = await bus.call("POST", f"/subscriptions/{made['id']}/replay", stretch)
    assert answer.json() == {"dispatches": 0}


async def test_an_erased_employee_is_told_no_more(bus: BusAtWork, receiver: Receiver) -> None:
    await subscribe(bus, receiver.url, "employee_recorded.v1")
    for name in ("Anna", "Boris"):
        await bus.hire(name)
    anna, boris = await bus.said(EmployeeRecorded)
    await bus.hear(anna, boris)
    await _erase(bus, Subject("employee", anna.employee_id, None))
    assert sorted(await states(bus)) == ["cancelled", "pending"]


async def test_what_a_receiver_said_of_an_erased_employee_is_gone(bus: BusAtWork, receiver: Receiver) -> None:
    await subscribe(bus, receiver.url, "employee_recorded.v1")
    receiver.answering = Answering(status=500, body=b"Anna or Boris is known")
    for name in ("Anna", "Boris"):
        await bus.hire(name)
    anna, boris = await bus.said(EmployeeRecorded)
    await bus.hear(anna, boris)
    await sender_of(bus).send_due()
    await sender_of(bus).send_due()

    erased = await _erase(bus, Subject("employee", anna.employee_id, None))

    details = [detail for _, detail in await _told(bus)]
    assert (erased["dispatch_attempts"], details.count(None), len(details)) == (1, 1, 2)


@pytest.mark.parametrize("kind", ["lead", "employee"])
async def test_what_a_receiver_says_after_the_erasure_of_what_it_was_told_before_is_not_kept(
    bus: BusAtWork, receiver: Receiver, kind: Literal["lead", "employee"]
) -> None:
    await subscribe(bus, receiver.url, "lead_recorded.v1", "employee_recorded.v1")
    lead = new_id()
    if kind == "lead":
        subject = Subject("lead", lead, lead)
        await bus.hear(entered(lead))
    else:
        await bus.hire("Anna")
        (anna,) = await bus.said(EmployeeRecorded)
        subject = Subject("employee", anna.employee_id, None)
        await bus.hear(anna)
    await _erase_during(bus, receiver, sender_of(bus).send_due(), subject)
    assert await _told(bus) == [("refused", None)]


async def test_what_a_crm_says_after_the_erasure_is_not_kept(bus: BusAtWork, receiver: Receiver) -> None:
    await open_amocrm(bus, receiver.url)
    lead = new_id()
    await bus.hear(named(lead, "77001"), entered(lead), at=NOW)
    await _erase_during(bus, receiver, write(bus), Subject("lead", lead, lead))
    assert [(each["outcome"], each["detail"]) for each in (await write_back(bus, lead))["log"]] == [("refused", None)]


async def _erase_during(bus: BusAtWork, receiver: Receiver, call: Coroutine[Any, Any, int], subject: Subject) -> None:
    gate = asyncio.Event()
    receiver.answering = Answering(status=400, body="Ромашка, Anna".encode(), gate=gate)
    calling = asyncio.create_task(call)
    await until(lambda: _called(receiver))
    await _erase(bus, subject)
    await _erase(bus, subject)
    gate.set()
    assert await asyncio.wait_for(calling, 10) == 1


async def test_what_a_crm_said_of_an_erased_lead_is_gone(bus: BusAtWork, receiver: Receiver) -> None:
    receiver.answering = Answering(status=400, body="Ромашка is locked".encode())
    await open_amocrm(bus, receiver.url)
    lead = new_id()
    await bus.hear(named(lead, "77001"), entered(lead), at=NOW)
    await write(bus)
    assert "Ромашка" in (await write_back(bus, lead))["log"][0]["detail"]
    await _erase(bus, Subject("lead", lead, lead))
    assert (await write_back(bus, lead))["log"][0]["detail"] is None
