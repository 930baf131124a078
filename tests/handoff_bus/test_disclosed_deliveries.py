"""Whose a raw request is: given to a lead only where nothing in it can be about anybody else."""

import json
from typing import Any
from uuid import UUID

import pytest

from conveyor.contracts.references import ReferenceAssigned
from conveyor.contracts.values import Reference
from conveyor.kit.ids import new_id
from handoff_bus.sources.kinds.registry import KINDS
from tests.handoff_bus.bus_at_work import BusAtWork
from tests.handoff_bus.events import call, payment

SHARED = Reference(system="phone", value="74950007700")


async def _two_leads(bus: BusAtWork) -> tuple[UUID, UUID]:
    leads = new_id(), new_id()
    for number, lead_id in enumerate(leads):
        await bus.hear(ReferenceAssigned(lead_id=lead_id, reference=Reference(system="contract", value=f"C-{number}")))
        await bus.hear(ReferenceAssigned(lead_id=lead_id, reference=SHARED))
    return leads


async def _deliveries(bus: BusAtWork, lead_id: UUID) -> dict[str, dict[str, Any]]:
    """By id: what is given, and under `withheld` what is not."""
    page = await bus.read(f"/personal-data/leads/{lead_id}?limit=200", who="admin")
    rows = [row for part in page["parts"] if part["name"] == "deliveries" for row in part["rows"]]
    return {row["values"]["delivery_id"]: row for row in rows}


def _named(number: int) -> dict[str, Any]:
    return {"system": "contract", "value": f"C-{number}"}


async def test_a_request_is_given_only_where_it_tells_of_one_lead(bus: BusAtWork) -> None:
    first, second = await _two_leads(bus)
    own = await bus.deliver(payment("P1", lead=_named(0)))
    secret = (await bus.made("/sources", {"name": "shop", "kind": "cloudevents", "settings": {}}))["secret"]
    events = [
        {"specversion": "1.0", "type": "payment.received", "source": "/shop", "id": f"e-{number}"}
        | {"data": payment(f"P-{number}", lead=_named(number))["data"]}
        for number in (0, 1)
    ]
    headers = {"content-type": "application/cloudevents-batch+json", "authorization": f"Bearer {secret}"}
    taken = await bus.http.post("/v1/webhooks/shop", content=json.dumps(events), headers=headers)
    await bus.settle()
    both = taken.json()["delivery_id"]

    for lead_id, there in ((first, {own, both}), (second, {both})):
        seen = await _deliveries(bus, lead_id)
        assert seen.keys() == there
        assert {seen[both]["values"][name] for name in ("body", "headers", "names", "facts")} == {None}
        withheld = {one["column"]: one["why"] for one in seen[both]["withheld"]}
        assert withheld.keys() >= {"body", "names", "facts"}
        assert all("others" in why for why in withheld.values())
    given = (await _deliveries(bus, first))[own]
    assert "C-0" in given["values"]["body"]
    assert given["withheld"] == []


async def test_what_waits_for_a_name_of_two_leads_is_given_to_neither(bus: BusAtWork) -> None:
    leads = await _two_leads(bus)
    await bus.hire("Anna", extension="101")
    waiting = await bus.deliver(payment("P1", lead={"system": "phone", "value": SHARED.value}))
    assert (await bus.state(waiting))[0] == "parked"

    for lead_id in leads:
        seen = (await _deliveries(bus, lead_id)).get(waiting)
        assert seen is None or seen["values"]["body"] is None

    matched = await bus.call("POST", f"/deliveries/{waiting}/match", {"lead_id": str(leads[0])}, who="head")
    assert matched.json()["state"] == "published"
    assert SHARED.value in (await _deliveries(bus, leads[0]))[waiting]["values"]["body"]
    assert waiting not in await _deliveries(bus, leads[1])

    again = await bus.deliver(payment("P1", lead={"system": "phone", "value": SHARED.value}))
    assert await bus.state(again) == ("published", "repetition")
    for lead_id in leads:
        assert (await _deliveries(bus, lead_id))[again]["values"]["body"] is None


async def test_a_repeated_call_is_the_leads_too(bus: BusAtWork) -> None:
    first, _ = await _two_leads(bus)
    phone = Reference(system="phone", value="79057770101")
    await bus.hear(ReferenceAssigned(lead_id=first, reference=phone))
    await bus.hire("Anna", extension="101")
    said = [await bus.deliver(call("K1", lead=phone.model_dump())) for _ in range(2)]

    seen = await _deliveries(bus, first)

    assert [phone.value in seen[each]["values"]["body"] for each in said] == [True, True]


@pytest.mark.parametrize("kind", ["amocrm", "asterisk", "cloudevents", "hubspot", "mapped", "onec_bank", "salesforce"])
def test_kinds_that_pack_many_things_into_one_request_do_not_tell_one(kind: str) -> None:
    assert not KINDS[kind].tells_one
