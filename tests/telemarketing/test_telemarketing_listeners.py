"""What telemarketing hears: every order, and everything twice, gives the same lead."""

import itertools
import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from conveyor.contracts.account import ClientOpened
from conveyor.contracts.closing import DealLost, MeetingHeld, MeetingMissed
from conveyor.contracts.handoffs import HandoffAccepted, HandoffReturned, HandoffRouted
from conveyor.contracts.outside import CallRecorded, LeadReceived, PaymentReceived, PaymentRefunded, ReplyReceived
from conveyor.contracts.references import ReferenceAssigned
from conveyor.contracts.values import Company, Contact, PositiveMoney, Reference
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.events import Event
from tests.telemarketing.line import LEAD, NOW, Line, event_of, lead_named, problem

BETWEEN: dict[str, Any] = {"from_stage": "telemarketing", "to_stage": "closing"}
PHONE = Reference(system="phone", value="+7 495 000-00-09")


def inquiry(lead_id: UUID, *, at: datetime, name: str = "Василёк", **changes: Any) -> Event[Any]:
    fact = LeadReceived(
        **{
            "lead_id": lead_id,
            "company": Company(name=name),
            "contacts": (Contact(name="Пётр", phone=PHONE.value),),
            "channel": "site",
            "mechanics": "warm",
            "references": (PHONE,),
            "delivery_id": new_id(),
            **changes,
        }
    )
    return event_of(fact, at=at, service="handoff-bus")


def outside(lead_id: UUID, at: datetime) -> list[Event[Any]]:
    """What the bus reports of a lead: a call, a reply, a payment and its refund."""
    of_lead: dict[str, Any] = {"source": "pbx", "lead_id": lead_id, "delivery_id": new_id()}
    amount = PositiveMoney(amount="200000.00", currency="RUB")
    facts = (
        CallRecorded(
            call_id="c-1", direction="out", started_at=at, duration_seconds=140, employee_id=new_id(), **of_lead
        ),
        ReplyReceived(reply_id="r-1", received_at=at, kind="interested", text="Перезвоните", **of_lead),
        PaymentReceived(payment_id="P1", paid_at=at, amount=amount, reference=PHONE, **of_lead),
        PaymentRefunded(refund_id="R1", payment_id="P1", refunded_at=at, amount=amount, **of_lead),
    )
    return [event_of(fact, at=at, service="handoff-bus") for fact in facts]


async def test_an_inquiry_creates_the_lead_under_the_busses_id(line: Line) -> None:
    lead_id = new_id()
    event = inquiry(lead_id, at=NOW - timedelta(minutes=1))

    await line.hear(event)
    await line.hear(event)

    lead = await line.read(str(lead_id))
    assert (lead["company"]["name"], lead["mechanics"], lead["state"]) == ("Василёк", "warm", "new")
    assert len(lead["history"]["inquiries"]) == 1
    [recorded] = await line.said("lead_recorded")
    assert datetime.fromisoformat(recorded["time"]) == NOW - timedelta(minutes=1)
    assert len(await line.said("reference_assigned")) == 1


async def test_a_repeated_inquiry_brings_a_worked_lead_forward(line: Line) -> None:
    lead = await line.record(lead_named("Ромашка"))
    at = (NOW - timedelta(hours=1)).isoformat()
    await line.ask("Anna", "POST", f"/leads/{lead['id']}/touches", json={"kind": "letter_general", "occurred_at": at})
    assert (await line.ask("Anna", "POST", "/queue/next")).status_code == 204

    await line.hear(inquiry(UUID(lead["id"]), at=NOW, name="Romashka LLC"))

    found = (await line.ask("Anna", "POST", "/queue/next")).json()
    assert found["id"] == lead["id"]
    # A person described the lead; the inquiry adds its contact and does not rename it.
    assert found["company"]["name"] == "Ромашка"
    assert [contact["name"] for contact in found["contacts"]] == ["Пётр"]


async def test_the_earliest_inquiry_describes_the_lead_in_either_order(line: Line) -> None:
    seen = []
    for turned in (False, True):
        lead_id = new_id()
        events = [
            inquiry(lead_id, at=NOW - timedelta(hours=2), name="Первое имя", contacts=(), references=()),
            inquiry(lead_id, at=NOW - timedelta(hours=1), name="Второе имя", contacts=(), references=()),
        ]
        for event in reversed(events) if turned else events:
            await line.hear(event)
        lead = await line.read(str(lead_id))
        seen.append((lead["company"]["name"], lead["registered_at"], len(lead["history"]["inquiries"])))

    assert seen[0] == seen[1] == ("Первое имя", "2026-03-10T07:00:00Z", 2)


async def test_facts_of_a_lead_may_come_before_it_and_twice(line: Line) -> None:
    lead_id = new_id()
    events = outside(lead_id, NOW - timedelta(hours=1))
    for event in [*events, *events]:
        await line.hear(event)
    await line.hear(inquiry(lead_id, at=NOW - timedelta(hours=2)))

    lead = await line.read(str(lead_id))
    assert lead["state"] == "in_work"
    history = lead["history"]
    assert [len(history[name]) for name in ("calls", "replies", "payments", "refunds")] == [1, 1, 1, 1]
    assert history["payments"][0]["amount"] == {"amount": "200000.00", "currency": "RUB"}
    assert history["replies"][0]["text"] == "Перезвоните"


async def test_a_call_gets_its_lead_when_it_is_matched_later(line: Line) -> None:
    lead = await line.record(LEAD)
    matched, *_ = outside(UUID(lead["id"]), NOW)
    alone = event_of(matched.fact.model_copy(update={"lead_id": None}), at=NOW, service="handoff-bus")

    for event in (alone, matched, alone):
        await line.hear(event)

    assert len((await line.read(lead["id"]))["history"]["calls"]) == 1


async def _handed_over(line: Line, name: str) -> dict[str, Any]:
    lead = await line.record(lead_named(name))
    body = {"starts_at": (NOW + timedelta(days=1)).isoformat()}
    meeting: dict[str, Any] = (await line.ask("Anna", "POST", f"/leads/{lead['id']}/meetings", json=body)).json()
    return meeting


async def test_every_order_of_closings_words_gives_the_same_handoff(line: Line) -> None:
    seen = set()
    boris, vera = new_id(), new_id()
    for number, order in enumerate(itertools.permutations(range(4))):
        meeting = await _handed_over(line, f"Лид {number}")
        of: dict[str, Any] = {"handoff_id": meeting["handoff_id"], "lead_id": meeting["lead_id"]}
        words = [
            event_of(HandoffRouted(to_stage="closing", employee_id=boris, **of), at=NOW, service="closing"),
            event_of(
                HandoffRouted(to_stage="closing", employee_id=vera, **of),
                at=NOW + timedelta(hours=1),
                service="closing",
            ),
            event_of(
                HandoffAccepted(employee_id=vera, **of, **BETWEEN), at=NOW + timedelta(hours=2), service="closing"
            ),
            event_of(
                HandoffReturned(employee_id=vera, reason="no_budget", **of, **BETWEEN),
                at=NOW + timedelta(hours=3),
                service="closing",
            ),
        ]
        for index in (*order, order[0]):
            await line.hear(words[index])
        lead = await line.read(meeting["lead_id"])
        [handoff] = lead["history"]["handoffs"]
        seen.add((lead["state"], handoff["state"], handoff["routed_to"], handoff["reason"], handoff["answered_at"]))

    assert seen == {("returned", "returned", str(vera), "no_budget", "2026-03-10T12:00:00Z")}


@pytest.mark.parametrize("seed", range(5))
async def test_shuffled_and_repeated_facts_end_in_one_state(line: Line, seed: int) -> None:
    meeting = await _handed_over(line, "Ромашка")
    of: dict[str, Any] = {"lead_id": meeting["lead_id"], "employee_id": new_id()}
    deal: dict[str, Any] = {**of, "deal_id": new_id()}
    met: dict[str, Any] = {**deal, "meeting_id": meeting["id"]}
    handoff_id = meeting["handoff_id"]
    events = [
        event_of(HandoffAccepted(handoff_id=handoff_id, **deal, **BETWEEN), at=NOW, service="closing"),
        event_of(MeetingMissed(**met), at=NOW + timedelta(hours=1), service="closing"),
        event_of(MeetingHeld(**met), at=NOW + timedelta(hours=2), service="closing"),
        event_of(DealLost(reason="timing", **deal), at=NOW + timedelta(hours=3), service="closing"),
        event_of(ClientOpened(handoff_id=new_id(), **of), at=NOW + timedelta(hours=4), service="account"),
        *outside(UUID(meeting["lead_id"]), NOW),
    ]
    chance = random.Random(seed)  # noqa: S311 - an order, no secret
    shuffled = [event for event in events for _ in range(chance.randint(1, 3))]
    chance.shuffle(shuffled)

    await line.hear(*shuffled[:5])
    for event in shuffled[5:]:
        await line.hear(event)

    lead = await line.read(meeting["lead_id"])
    assert (lead["state"], lead["history"]["meetings"][0]["state"]) == ("client", "held")
    assert {one["kind"] for one in lead["history"]["milestones"]} == {"lost", "client"}


async def test_only_closing_answers_for_itself(line: Line) -> None:
    meeting = await _handed_over(line, "Ромашка")
    fact = HandoffAccepted(
        handoff_id=meeting["handoff_id"], lead_id=meeting["lead_id"], employee_id=new_id(), **BETWEEN
    )

    await line.hear(event_of(fact, at=NOW, service="account"))

    assert (await line.read(meeting["lead_id"]))["state"] == "handed_over"


async def test_a_reference_that_others_announced_is_taken(line: Line) -> None:
    lead = await line.record(lead_named("Ромашка"))
    fact = ReferenceAssigned(lead_id=lead["id"], reference=Reference(system="contract", value="C-17"))
    event = event_of(fact, at=NOW, service="closing")

    await line.hear(event, event)

    twin = lead_named("Двойник", references=[{"system": "contract", "value": "C-17"}])
    refused = problem(await line.ask("Anna", "POST", "/leads", json=twin), 409, "reference-taken")
    assert refused["lead_id"] == lead["id"]
    assert len(await line.said("reference_assigned")) == 0
