"""A department told to one stage's books: facts of the contracts as events, and the room that reads them."""

import itertools
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from conveyor.bonuses.adjustments.listeners import listen as listen_to_adjustments
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.facts.listeners import listen
from conveyor.bonuses.ledger.post_differences import post_differences
from conveyor.bonuses.periods.listeners import listen as listen_to_closings
from conveyor.contracts.closing import ContractSigned, DealOpened
from conveyor.contracts.envelope import Fact
from conveyor.contracts.handoffs import HandoffAccepted, HandoffReturned
from conveyor.contracts.outside import CallRecorded, PaymentReceived, PaymentRefunded
from conveyor.contracts.registry import KIND_OF_MODEL
from conveyor.contracts.roster import EmployeeRecorded
from conveyor.contracts.telemarketing import LeadRecorded, MeetingBooked, TouchRecorded
from conveyor.contracts.values import PositiveMoney
from conveyor.kit.database import Database
from conveyor.kit.messaging.events import Event, Listeners
from conveyor.roster.listeners import listen as listen_to_the_roster

MOSCOW = ZoneInfo("Europe/Moscow")
NAMESPACE = UUID("0190c0de-0000-7000-8000-000000000000")
PEOPLE = {"Anna": ("sdr", "0101"), "Boris": ("ae", "0201"), "Vera": ("am", "0301")}


def id_of(*parts: object) -> UUID:
    """The same id for the same words, so that a story can be told twice."""
    return uuid5(NAMESPACE, "/".join(map(str, parts)))


def at(text: str) -> datetime:
    """`2025-09-08 10:00` in Moscow, or with Z."""
    if text.endswith("Z"):
        return datetime.fromisoformat(text)
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW).astimezone(UTC)


def rub(amount: str) -> PositiveMoney:
    return PositiveMoney(amount=amount, currency="RUB")


class Telling:
    """Events in the order in which they were told."""

    def __init__(self) -> None:
        self.events: list[Event[Any]] = []

    def say(self, fact: Fact, when: str, *, service: str = "handoff-bus") -> None:
        kind = KIND_OF_MODEL[type(fact)]
        event_id = id_of("event", kind.name, fact.model_dump_json())
        self.events.append(
            Event(
                id=event_id,
                service=service,
                kind=kind,
                key=kind.key_of(fact),
                occurred_at=at(when),
                recorded_at=at(when),
                actor="test",
                correlation_id=event_id,
                causation_id=None,
                fact=fact,
            )
        )

    def hired(self, name: str, role: str, payroll_number: str, **changes: Any) -> None:
        fact = {
            "employee_id": id_of(name),
            "revision": 1,
            "full_name": name,
            "role": role,
            "payroll_number": payroll_number,
            "hired_on": date(2025, 1, 1),
        }
        self.say(EmployeeRecorded.model_validate(fact | changes), "2025-01-01 09:00")

    def lead(self, lead: str, name: str) -> None:
        fact = LeadRecorded.model_validate(
            {"lead_id": id_of(lead), "revision": 1, "company": {"name": name}, "channel": "cold", "mechanics": "cold"}
        )
        self.say(fact, "2025-09-01 09:00", service="telemarketing")

    def touched(self, kind: Any, who: str, lead: str, when: str) -> None:
        fact = TouchRecorded(touch_id=id_of(kind, lead, when), lead_id=id_of(lead), employee_id=id_of(who), kind=kind)
        self.say(fact, when, service="telemarketing")

    def booked(self, who: str, lead: str, when: str, meeting: str) -> None:
        fact = MeetingBooked(
            meeting_id=id_of(meeting),
            lead_id=id_of(lead),
            employee_id=id_of(who),
            handoff_id=id_of("handoff", meeting),
            starts_at=at(when),
        )
        self.say(fact, when, service="telemarketing")

    def accepted_by_closing(self, who: str, lead: str, when: str, meeting: str) -> None:
        handoff_id, deal_id = id_of("handoff", meeting), id_of("deal", lead)
        accepted = HandoffAccepted(
            handoff_id=handoff_id,
            lead_id=id_of(lead),
            from_stage="telemarketing",
            to_stage="closing",
            employee_id=id_of(who),
            deal_id=deal_id,
        )
        opened = DealOpened(deal_id=deal_id, lead_id=id_of(lead), handoff_id=handoff_id, employee_id=id_of(who))
        self.say(accepted, when, service="closing")
        self.say(opened, when, service="closing")

    def returned(self, lead: str, when: str, meeting: str) -> None:
        fact = HandoffReturned(
            handoff_id=id_of("handoff", meeting),
            lead_id=id_of(lead),
            from_stage="telemarketing",
            to_stage="closing",
            employee_id=id_of("Boris"),
            reason="not_decision_maker",
        )
        self.say(fact, when, service="closing")

    def signed(self, lead: str, number: str, when: str) -> None:
        fact = ContractSigned(
            deal_id=id_of("deal", lead),
            lead_id=id_of(lead),
            employee_id=id_of("Boris"),
            number=number,
            signed_at=at(when),
        )
        self.say(fact, when, service="closing")

    def accepted_by_account(self, who: str, lead: str, when: str) -> None:
        fact = HandoffAccepted(
            handoff_id=id_of("to account", lead),
            lead_id=id_of(lead),
            from_stage="closing",
            to_stage="account",
            employee_id=id_of(who),
        )
        self.say(fact, when, service="account")

    def paid(self, lead: str, payment_id: str, when: str, amount: str, *, contract: str = "C-17") -> None:
        fact = PaymentReceived.model_validate(
            {
                "payment_id": payment_id,
                "source": "bank",
                "lead_id": id_of(lead),
                "paid_at": at(when),
                "amount": rub(amount),
                "reference": {"system": "contract", "value": contract},
                "delivery_id": id_of("delivery", payment_id),
            }
        )
        self.say(fact, when)

    def refunded(self, lead: str, refund_id: str, payment_id: str, when: str, amount: str) -> None:
        fact = PaymentRefunded(
            refund_id=refund_id,
            payment_id=payment_id,
            source="bank",
            lead_id=id_of(lead),
            refunded_at=at(when),
            amount=rub(amount),
            delivery_id=id_of("delivery", refund_id),
        )
        self.say(fact, when)

    def called(self, who: str, when: datetime, seconds: int) -> None:
        number = len(self.events)
        fact = CallRecorded(
            call_id=f"call-{number}",
            source="telephony",
            direction="out",
            started_at=when,
            duration_seconds=seconds,
            employee_id=id_of(who),
            delivery_id=id_of("delivery of call", number),
        )
        self.say(fact, when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


class Books:
    """One stage's books, told by events as its consumer would."""

    def __init__(self, database: Database, role: BonusRole, *, owner_url: str) -> None:
        self.desk = Desk(role=role, database=database)
        self.database = database
        self.owner_url = owner_url
        self.listeners = Listeners()
        listen_to_the_roster(self.listeners)
        listen(self.listeners, post_differences=partial(post_differences, role=role))
        listen_to_adjustments(self.listeners, role=role, service=database.service)
        listen_to_closings(self.listeners, role=role, service=database.service)

    async def hear(self, events: Iterable[Event[Any]], *, at_once: int = 200) -> None:
        """Handle the events in batches of one transaction each."""
        remaining = iter(events)
        while batch := list(itertools.islice(remaining, at_once)):
            async with self.database.transaction() as tx:
                for event in batch:
                    for handle in self.listeners.of(event.kind, event.service):
                        await handle(tx, event)
                await tx.commit()
