"""CRMs on loopback that answer as amoCRM and Bitrix24 do, a lead that moves along the line, and the writer."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from conveyor.contracts.closing import ContractSigned, DealOwnerChanged
from conveyor.contracts.handoffs import HandoffAccepted
from conveyor.contracts.references import ReferenceAssigned
from conveyor.contracts.telemarketing import LeadRecorded
from conveyor.contracts.values import Company, Reference, Stage
from conveyor.kit.ids import new_id
from handoff_bus.outbound.client import OutboundClient
from handoff_bus.write_backs.writer import CrmWriter
from tests.handoff_bus.bus_at_work import NOW, BusAtWork
from tests.handoff_bus.outbound.receivers import Answering, Received, Receiver

Json = dict[str, Any]
TOKEN = "long-lived-7f3a"
WEBHOOK = "/rest/11/q2w3e4r5t6/"
STATUSES = {
    "telemarketing": {"pipeline_id": 810, "status_id": 9001},
    "closing": {"pipeline_id": 810, "status_id": 9002},
    "won": {"pipeline_id": 810, "status_id": 142},
    "account": {"pipeline_id": 811, "status_id": 9101},
}
DEAL_STAGES = {"closing": {"stage_id": "C3:PREPARATION", "category_id": 3}, "won": {"stage_id": "C3:WON"}}


def as_amocrm(request: Received) -> Answering:
    """`PATCH /api/v4/leads/{id}` as it answers when it takes it."""
    lead = int(request.path.rpartition("/")[2])
    told = {"id": lead, "updated_at": 1773133200, "_links": {"self": {"href": f"https://amo.example{request.path}"}}}
    return Answering(body=json.dumps(told).encode())


def as_bitrix24(request: Received) -> Answering:
    """`crm.item.update` as it answers when it takes it."""
    item = {"id": json.loads(request.body)["id"], **json.loads(request.body)["fields"]}
    return Answering(body=json.dumps({"result": {"item": item}, "time": {"duration": 0.1}}).encode())


async def open_amocrm(bus: BusAtWork, url: str, **more: Any) -> Json:
    """A source of kind amocrm that is written to."""
    source = await bus.made("/sources", {"name": "amo", "kind": "amocrm", "settings": {}})
    wanted = {"api_url": url, "token": TOKEN, "statuses": STATUSES, **more}
    answer = await bus.call("PUT", f"/sources/{source['id']}/write-back", wanted)
    assert answer.status_code == 200, answer.text
    return source


async def open_bitrix24(bus: BusAtWork, url: str) -> Json:
    """A source of kind bitrix24 that is written to."""
    source = await bus.made(
        "/sources", {"name": "b24", "kind": "bitrix24", "settings": {"secret": "application-token-1"}}
    )
    wanted = {"api_url": url + WEBHOOK, "deal_stages": DEAL_STAGES, "lead_stages": {"closing": "IN_PROCESS"}}
    answer = await bus.call("PUT", f"/sources/{source['id']}/write-back", wanted)
    assert answer.status_code == 200, answer.text
    return source


def named(lead_id: UUID, value: str, *, source: str = "amo") -> ReferenceAssigned:
    """The lead's name in a CRM."""
    return ReferenceAssigned(lead_id=lead_id, reference=Reference(system=f"crm:{source}", value=value))


def entered(lead_id: UUID, *, owner_id: UUID | None = None, revision: int = 1) -> LeadRecorded:
    """Telemarketing has the lead."""
    return LeadRecorded(
        lead_id=lead_id,
        revision=revision,
        company=Company(name="Ромашка"),
        channel="list",
        mechanics="cold",
        owner_id=owner_id,
    )


def accepted(lead_id: UUID, employee_id: UUID, *, by: Stage = "closing") -> HandoffAccepted:
    """A stage holds the lead from now on."""
    from_stage: Stage = "closing" if by == "account" else "telemarketing"
    return HandoffAccepted(
        handoff_id=new_id(), lead_id=lead_id, from_stage=from_stage, to_stage=by, employee_id=employee_id
    )


def signed(lead_id: UUID) -> ContractSigned:
    """The deal is won."""
    return ContractSigned(deal_id=new_id(), lead_id=lead_id, employee_id=new_id(), number="C-17", signed_at=NOW)


def given(lead_id: UUID, employee_id: UUID, *, from_at: datetime) -> DealOwnerChanged:
    """The deal belongs to somebody else from a moment on."""
    return DealOwnerChanged(deal_id=new_id(), lead_id=lead_id, revision=2, employee_id=employee_id, from_at=from_at)


async def crm_user(bus: BusAtWork, name: str, number: str, *, source: str = "amo", role: str = "ae") -> UUID:
    """An employee with a user id in a CRM."""
    references = [{"system": f"crm:{source}", "value": number}]
    return UUID((await bus.hire(name, role=role, references=references))["id"])


def writer_of(bus: BusAtWork, *, private_allowed: bool = True) -> CrmWriter:
    """A writer with the middle of every jitter."""
    return CrmWriter(bus.database, client=lambda: OutboundClient(private_allowed=private_allowed), jitter=lambda: 0.5)


async def write(bus: BusAtWork) -> int:
    """Write until nothing is due; how many leads were looked at."""
    writer, looked_at = writer_of(bus), 0
    while found := await writer.write_due():
        looked_at += found
    return looked_at


async def write_back(bus: BusAtWork, lead_id: UUID) -> Json:
    """The lead's one write-back with its log."""
    items = (await bus.read(f"/write-backs?lead_id={lead_id}"))["items"]
    assert len(items) == 1
    return await bus.read(f"/write-backs/{items[0]['id']}")


def bodies(receiver: Receiver) -> list[Json]:
    """What was written, in order."""
    return [json.loads(each.body) for each in receiver.received]


def minutes(number: float) -> datetime:
    """A moment after NOW."""
    return NOW + timedelta(minutes=number)
