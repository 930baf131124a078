"""Deliveries are found by what one knows of them: source, state, time, a name, an outside id, words of the body."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from conveyor.contracts.references import ReferenceAssigned
from conveyor.contracts.values import Reference
from conveyor.kit.ids import new_id
from handoff_bus.deliveries.search import written_forms
from tests.handoff_bus.bus_at_work import NOW, BusAtWork
from tests.handoff_bus.events import call, inbound_lead, payment, refund

TODAY = "received_from=2026-03-10T00:00:00Z&received_until=2026-03-11T00:00:00Z"


async def _found(bus: BusAtWork, query: str) -> list[str]:
    return [item["id"] for item in (await bus.read(f"/deliveries?{query}"))["items"]]


async def test_by_the_names_in_it_in_any_spelling(bus: BusAtWork) -> None:
    paid = await bus.deliver(payment(lead={"system": "contract", "value": "C-17"}))
    called = await bus.deliver(call(lead={"system": "phone", "value": "8 (495) 000-00-01"}))
    born = await bus.deliver(inbound_lead(lead={"system": "crm:site", "value": "form:1"}), source="site")

    assert await _found(bus, "reference=contract:C-17") == [paid]
    assert await _found(bus, f"reference={quote('phone:+7 495 000-00-01')}") == [called]
    assert await _found(bus, "reference=extension:101") == [called]
    assert await _found(bus, "reference=crm:site:form:1") == [born]
    assert await _found(bus, "reference=contract:C-1") == []


async def test_by_an_outside_id_with_its_refunds_repetitions_and_conflicts(bus: BusAtWork) -> None:
    first = await bus.deliver(payment("P1"))
    again = await bus.deliver(payment("P1"))
    other = await bus.deliver(payment("P1", amount={"amount": "2.00", "currency": "RUB"}))
    back = await bus.deliver(refund("R1", payment_id="P1"))
    await bus.deliver(payment("P2"))

    assert await _found(bus, "outside_id=P1") == [first, again, other, back]
    assert await _found(bus, "outside_id=P1&state=quarantined") == [other]
    assert await _found(bus, "outside_id=R1") == [back]


async def test_names_stay_when_a_delivery_is_read_again(bus: BusAtWork) -> None:
    paid = await bus.deliver(payment("P1"))
    lead_id = new_id()
    await bus.hear(ReferenceAssigned(lead_id=lead_id, reference=Reference(system="contract", value="C-17")))
    assert (await bus.delivery(paid))["state"] == "published"
    assert (await bus.delivery(paid))["names"] == ["contract:C-17", "payment:P1"]
    assert await _found(bus, f"lead_id={lead_id}&outside_id=P1") == [paid]


async def test_by_the_time_of_arrival_half_open_and_by_source(bus: BusAtWork) -> None:
    first = await bus.deliver(payment("P1"))
    bus.clock.set(NOW + timedelta(hours=1))
    second = await bus.deliver(payment("P2"), source="other")

    assert await _found(bus, "received_until=2026-03-10T10:00:00Z") == [first]
    assert await _found(bus, "received_from=2026-03-10T10:00:00Z") == [second]
    assert await _found(bus, f"{TODAY}&source=other") == [second]


@pytest.mark.parametrize("words", ["Ландыш & 7", "андыш"])
async def test_by_words_of_the_body_however_they_are_written(bus: BusAtWork, words: str) -> None:
    plain = await bus.deliver(inbound_lead(company={"name": "ООО Ландыш & 7"}), source="site")
    await bus.deliver(inbound_lead(lead={"system": "crm:site", "value": "2"}), source="other")
    source = await bus.made("/sources", {"name": "crm", "kind": "amocrm", "settings": {}})
    form = f"leads[add][0][id]=7&leads[add][0][name]={quote('ООО Ландыш & 7').lower()}"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = await bus.http.post(f"/v1/webhooks/crm?token={source['secret']}", content=form, headers=headers)
    assert answer.status_code == 200
    await bus.settle()
    (formed,) = await _found(bus, "source=crm")

    assert await _found(bus, f"{TODAY}&text={quote(words)}") == [plain, formed]


def test_a_text_is_looked_for_in_every_way_bodies_write_it() -> None:
    forms = written_forms("Ъ &")
    assert {b"%D0%AA%20%26", b"%d0%aa+%26", b"\\u042a &", b"\\u042A &"} <= set(forms)
    assert {"Ъ &".encode(encoding) for encoding in ("utf-8", "cp1251", "cp866")} <= set(forms)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("reference=C-17", "/reference"),
        ("reference=contract:", "/reference"),
        ("text=Romashka", "/text"),
        ("text=Romashka&received_from=2026-01-01T00:00:00Z&received_until=2026-03-01T00:00:00Z", "/text"),
        ("received_from=2026-03-11T00:00:00Z&received_until=2026-03-11T00:00:00Z", "/received_until"),
        ("received_from=2026-03-11", "/received_from"),
        ("outside_id=%00", "/outside_id"),
        ("source=%00", "/source"),
    ],
)
async def test_a_search_that_makes_no_sense_names_the_field(bus: BusAtWork, query: str, pointer: str) -> None:
    refused = await bus.call("GET", f"/deliveries?{query}")
    assert refused.status_code == 422, refused.text
    errors: list[dict[str, Any]] = refused.json()["errors"]
    assert any(error["pointer"].endswith(pointer) for error in errors)
