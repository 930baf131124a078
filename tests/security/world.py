"""A department in full swing on a running system: something of everything that an operation can name."""

import asyncio
import csv
import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from conveyor_local.department import SERVICES, STAGES, CallRefused, Department, Json
from conveyor_local.golden_quarter import Person, golden_quarter, moscow, payment
from conveyor_local.stack import LocalStack
from conveyor_local.storyteller import Storyteller
from tests.security.canaries import CONTACT, INN, NOTE, WEBSITE
from tests.security.failures import leave_failures

OWNERS = {"sdr": "Anna", "ae": "Boris", "am": "Vera"}
PEERS = (
    Person("Zoya", "sdr", "0102", "102"),
    Person("Gleb", "ae", "0202", "202"),
    Person("Nina", "am", "0302", "302"),
)
CLOSED, MARKED = "2025-09", "2025-10"
PERCENT = {
    "kind": "percent_of_payment",
    "code": "anything",
    "rate": "0.01",
    "selector": {"by": "paying_month", "which": "first"},
}
PLAN: Json = {"effective_from": "2027-01-01", "components": [PERCENT]}
# A payment under a contract that nobody signed.
ASTRAY: Json = payment("astray", moscow(12, 1, 10), "1.00", contract="C-0").event
# Handoffs left unanswered, deals left open, deals signed: one for every operation that uses one up.
OFFERED, OPEN, SIGNED = 3, 5, 3
# The quarter's calls beyond the first; a norm that is met is not what is tried here.
MANY_CALLS = frozenset(f"t-{number}" for number in range(5, 1000))
_PATIENCE_SECONDS = 30


@dataclass
class World:
    """What is there: `names[service]` is what stands for `{parameter}` in a path and `$name` in a body."""

    stack: LocalStack
    owners: dict[str, str]
    peers: dict[str, str]
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    _tokens: dict[tuple[str, str | None], str] = field(default_factory=dict)

    def bearer(self, role: str, employee_id: str | None = None) -> dict[str, str]:
        """The header of a caller."""
        if (role, employee_id) not in self._tokens:
            self._tokens[role, employee_id] = self.stack.token(role, UUID(employee_id) if employee_id else None)
        return {"Authorization": f"Bearer {self._tokens[role, employee_id]}"}

    @property
    def tokens(self) -> list[str]:
        """Every token that was used so far."""
        return list(self._tokens.values())


def people_at_work(stack: LocalStack) -> World:
    """Play the golden quarter, close its first month, and leave something open everywhere."""
    return asyncio.run(_play(stack))


async def _play(stack: LocalStack) -> World:
    urls = {service: stack.base_url(service) for service in SERVICES}
    async with Department(base_urls=urls, token=stack.token) as department:
        teller = Storyteller(department, golden_quarter())
        await teller.open_department()
        for person in PEERS:
            await teller.hire(person)
        await teller.record_steps()
        await teller.push_hooks([hook for hook in teller.story.hooks if hook.webhook_id not in MANY_CALLS])
        await department.rest(parked_too=True)
        await department.close_month(CLOSED)
        await department.freeze_batches(CLOSED)
        ids = teller.employee_ids
        world = World(
            stack=stack,
            owners={role: ids[name] for role, name in OWNERS.items()},
            peers={person.role: ids[person.name] for person in PEERS},
            secrets={name: department.secret_of(name) for name in ("bank", "telephony")},
        )
        world.names["handoff-bus"] = await _bus(
            department, lead_id=teller.lead_ids["L1"], lead_to_erase=teller.lead_ids["L3"]
        )
        line = await _line(department, world)
        for role, stage in STAGES.items():
            world.names[stage] = {**line[stage], **await _bonuses(department, stage, world.owners[role], world, role)}
        world.names["account"]["lead_id"] = teller.lead_ids["L1"]
        asking = await _asking(department, teller.lead_ids["L1"])
        for service in SERVICES:
            world.names[service] |= {**asking, **await leave_failures(stack, service)}
        await department.rest()
        return world


async def _bus(department: Department, *, lead_id: str, lead_to_erase: str) -> dict[str, str]:
    """Things of the bus that may be changed without harm to the others."""
    hired = {"full_name": "Spare", "role": "marketing", "payroll_number": "0900", "hired_on": "2025-01-09"}
    spare = (await department.do("handoff-bus", "/employees", hired, role="admin"))["id"]
    chain = {"name": "Spare", "member_ids": [spare], "effective_from": "2025-01-09"}
    absences = [
        await department.do(
            "handoff-bus",
            f"/employees/{spare}/absences",
            {"from": f"2027-0{month}-01", "until": f"2027-0{month}-10", "kind": "vacation"},
            role="head",
        )
        for month in (1, 2)
    ]
    delivery = (await department.push("bank", ASTRAY, webhook_id="astray")).json()["delivery_id"]
    source = await department.do(
        "handoff-bus", "/sources", {"name": "spare", "kind": "standard", "settings": {}}, role="admin"
    )
    wish = {"url": "http://127.0.0.1:1/", "fact_types": ["payment_received.v1"]}
    subscription = (await department.do("handoff-bus", "/subscriptions", wish, role="admin"))["id"]
    ping = await department.do("handoff-bus", f"/subscriptions/{subscription}/ping", {}, role="admin")
    write_back = await _write_back(department)
    handoffs = (await department.ask("handoff-bus", f"/handoffs?lead_id={lead_id}"))["items"]
    again = {"reason": "a database was restored"}
    order = {"kind": "lead", "subject_id": lead_to_erase, "ground": "purpose_reached", "asked_by": "operator"}
    return {
        "replay_id": (await department.do("handoff-bus", "/delivery-replays", {"delivery_ids": [delivery]}))["id"],
        "erasure_id": (await department.do("handoff-bus", "/erasures", order, role="admin"))["id"],
        "reapplication_id": (await department.do("handoff-bus", "/erasures/reapplications", again, role="admin"))["id"],
        "employee_id": spare,
        "chain_id": (await department.do("handoff-bus", "/chains", chain, role="admin"))["id"],
        "absence_id": absences[0]["id"],
        "absence_id_of_head": absences[1]["id"],
        "delivery_id": delivery,
        "source_id": source["id"],
        "subscription_id": subscription,
        "dispatch_id": ping["id"],
        "write_back_id": write_back,
        "handoff_id": handoffs[0]["id"],
        "lead_id": lead_id,
        "period": CLOSED,
    }


async def _asking(department: Department, lead_id: str) -> dict[str, str]:
    """Who may ask for his data: a lead that went all the way, and its contact."""
    contacts = (await department.ask("telemarketing", f"/leads/{lead_id}", role="admin"))["contacts"]
    return {"asking_lead_id": lead_id, "asking_contact_id": contacts[0]["contact_id"]}


async def _write_back(department: Department) -> str:
    """A lead that a CRM knows, which is written to but does not answer."""
    crm = {"name": "crm", "kind": "amocrm", "settings": {}}
    source = (await department.do("handoff-bus", "/sources", crm, role="admin"))["id"]
    wanted = {"api_url": "http://127.0.0.1:1", "token": "a test"}
    await department.do("handoff-bus", f"/sources/{source}/write-back", wanted, role="admin", method="PUT")
    named = [{"system": "crm:crm", "value": "77001"}]
    lead = {"company": {"name": "Known"}, "contacts": [], "channel": "base", "mechanics": "cold", "references": named}
    added = await department.do("telemarketing", "/leads", lead)
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            found = (await department.ask("handoff-bus", f"/write-backs?lead_id={added['id']}"))["items"]
            if found:
                return str(found[0]["id"])
            await asyncio.sleep(0.02)


async def _line(department: Department, world: World) -> dict[str, dict[str, str]]:
    """Leads at every place of the line, all of them the owners'."""
    count = OFFERED + OPEN + SIGNED
    leads = [await _new_lead(department, world, number) for number in range(count + 1)]
    booked = [await _book(department, world, lead) for lead in leads[:count]]
    offered = [await _offered(department, "closing", lead) for lead in leads[:count]]
    deals = [await _accept(department, world, handoff) for handoff in offered[OFFERED:]]
    for number, deal in enumerate(deals[OPEN:]):
        body = {"number": f"S-{number}", "signed_at": _now().isoformat(), "employee_id": world.owners["ae"]}
        await department.do("closing", f"/deals/{deal}/contract", body)
    clients = [await _offered(department, "account", lead) for lead in leads[OFFERED + OPEN : count]]
    verbs = ("", "_to_sign", "_to_lose", "_to_nurture", "_to_rebook")
    doors = ("", "_to_accept", "_to_return")
    return {
        "telemarketing": {"lead_id": leads[-1], "meeting_id": booked[0]["id"], "lead_id_booked": leads[0]},
        "closing": {
            **{f"deal_id{verb}": deal for verb, deal in zip(verbs, deals, strict=False)},
            **{f"handoff_id{door}": handoff for door, handoff in zip(doors, offered, strict=False)},
            "meeting_id": booked[OFFERED]["id"],
            "signed_deal_id": deals[OPEN],
        },
        "account": {f"handoff_id{door}": handoff for door, handoff in zip(doors, clients, strict=True)},
    }


async def _new_lead(department: Department, world: World, number: int) -> str:
    company = {"name": f"Works {number}", **({"inn": INN, "website": WEBSITE} if not number else {})}
    contacts = [CONTACT] if not number else []
    lead = {"company": company, "contacts": contacts, "channel": "base", "mechanics": "cold"}
    added = await department.do("telemarketing", "/leads", {**lead, "owner_id": world.owners["sdr"]})
    return str(added["id"])


async def _book(department: Department, world: World, lead_id: str) -> Json:
    who = {"employee_id": world.owners["sdr"]}
    await department.do("telemarketing", f"/leads/{lead_id}/touches", {"kind": "letter_general", "note": NOTE, **who})
    body = {"starts_at": (_now() + timedelta(days=3)).isoformat(), **who}
    return await department.do("telemarketing", f"/leads/{lead_id}/meetings", body)


async def _accept(department: Department, world: World, handoff_id: str) -> str:
    body = {"employee_id": world.owners["ae"]}
    return str((await department.do("closing", f"/handoffs/{handoff_id}/acceptance", body))["deal_id"])


async def _offered(department: Department, stage: str, lead_id: str) -> str:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            found = (await department.ask(stage, f"/handoffs?state=offered&lead_id={lead_id}"))["items"]
            if found:
                return str(found[0]["id"])
            await asyncio.sleep(0.02)


async def _bonuses(department: Department, stage: str, owner: str, world: World, role: str) -> dict[str, str]:
    """An entry, a dispute about it, an adjustment, a hold, a draft of a plan and its replay, a batch."""
    entries = (await department.ask(stage, f"/bonus-entries?employee_id={owner}"))["items"]
    entry = entries[0]["id"]
    asked = {"reason": "a test", "reason_code": "goodwill", "amount": {"amount": "10.00", "currency": "RUB"}}
    adjustment = await department.do(stage, "/bonus-adjustments", {"employee_id": owner, **asked}, role="head")
    disputed = await department.request(
        stage,
        "POST",
        f"/bonus-entries/{entry}/dispute",
        role=role,
        employee_id=UUID(owner),
        body={"text": NOTE},
    )
    if not disputed.is_success:
        raise CallRefused(disputed)
    hold = await department.do(stage, "/payout-holds", {"employee_id": owner, "reason": "a test"}, role="payroll")
    await department.do(stage, "/bonus-plans/spare/versions", PLAN, role="head")
    replay = await department.do(stage, "/bonus-plans/spare/versions/1/replay", {"last_months": 1}, role="head")
    batch_id = f"{stage}-{CLOSED}-1"
    file = await department.ask_bytes(stage, f"/payout-batches/{batch_id}/export", role="payroll")
    line = next(csv.DictReader(io.StringIO(file.decode(), newline="")))
    return {
        "employee_id": owner,
        "entry_id": entry,
        "entry_id_2": entries[-1]["id"],
        "adjustment_id": adjustment["id"],
        "dispute_id": disputed.json()["id"],
        "hold_id": hold["id"],
        "code": "spare",
        "version": "1",
        "replay_id": replay["id"],
        "batch_id": batch_id,
        **{f"line_{name}": line[name] for name in ("payroll_number", "component", "cause_id")},
        "period": CLOSED,
    }


def _now() -> datetime:
    return datetime.now(tz=UTC)
