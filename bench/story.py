"""A department's facts for benchmarks: people, clients from the first touch to the contract, payments and refunds.

The same sizes and seed give the same story. Facts go out as messages of the stream, as their services would say them.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from conveyor.contracts.closing import ContractSigned, DealOpened
from conveyor.contracts.envelope import Fact
from conveyor.contracts.handoffs import HandoffAccepted
from conveyor.contracts.outside import PaymentReceived, PaymentRefunded
from conveyor.contracts.roster import EmployeeRecorded
from conveyor.contracts.telemarketing import MeetingBooked
from conveyor.contracts.values import PositiveMoney, Reference
from conveyor.kit.context import RequestContext
from conveyor.kit.ids import new_id
from conveyor.kit.messaging.incoming import Message
from conveyor.kit.messaging.outbox import outgoing

_NOBODY = RequestContext(actor="bench")


@dataclass(frozen=True, slots=True)
class Client:
    """A company that signed; its contract's number is what payments name."""

    lead_id: UUID
    contract: str
    since: datetime


@dataclass(slots=True)
class Story:
    """Says facts as messages, numbered as a stream would."""

    seed: int = 1
    clients: list[Client] = field(default_factory=list)
    people: dict[str, list[UUID]] = field(default_factory=lambda: {"sdr": [], "ae": [], "am": []})
    _said: int = 0
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - data of a benchmark

    def hire(self, role: str, number: int) -> Iterator[Message]:
        """So many employees of a role, since the beginning of 2025."""
        for place in range(number):
            employee_id = new_id()
            self.people[role].append(employee_id)
            fact = EmployeeRecorded.model_validate(
                {
                    "employee_id": employee_id,
                    "revision": 1,
                    "full_name": f"{role} {place}",
                    "role": role,
                    "payroll_number": f"{role}{place:05d}",
                    "hired_on": date(2025, 1, 1),
                }
            )
            yield self._message(fact, "handoff-bus", datetime(2025, 1, 1, 9, tzinfo=UTC))

    def win_clients(self, number: int, *, since: datetime) -> Iterator[Message]:
        """So many companies, each through all three stages, with a contract since then."""
        for _ in range(number):
            place = len(self.clients)
            lead_id, deal_id, handoff_id, meeting_id = new_id(), new_id(), new_id(), new_id()
            sdr, ae, am = (self._of(role, place) for role in ("sdr", "ae", "am"))
            number_text = f"B-{self.seed}-{place}"
            at = since + timedelta(seconds=place % 3600)
            booked = MeetingBooked(
                meeting_id=meeting_id, lead_id=lead_id, employee_id=sdr, handoff_id=handoff_id, starts_at=at
            )
            accepted = HandoffAccepted(
                handoff_id=handoff_id,
                lead_id=lead_id,
                from_stage="telemarketing",
                to_stage="closing",
                employee_id=ae,
                deal_id=deal_id,
            )
            opened = DealOpened(deal_id=deal_id, lead_id=lead_id, handoff_id=handoff_id, employee_id=ae)
            signed = ContractSigned(
                deal_id=deal_id, lead_id=lead_id, employee_id=ae, number=number_text, signed_at=at + timedelta(days=3)
            )
            kept = HandoffAccepted(
                handoff_id=new_id(), lead_id=lead_id, from_stage="closing", to_stage="account", employee_id=am
            )
            yield self._message(booked, "telemarketing", at)
            yield self._message(accepted, "closing", at + timedelta(days=1))
            yield self._message(opened, "closing", at + timedelta(days=1))
            yield self._message(signed, "closing", at + timedelta(days=3))
            yield self._message(kept, "account", at + timedelta(days=4))
            self.clients.append(Client(lead_id, number_text, at))

    def pay(self, client: Client, paid_at: datetime) -> Message:
        """A payment of a random sum under the contract."""
        amount = f"{self._random.randint(1_000, 90_000)}.{self._random.randint(0, 99):02d}"
        return self._message(payment_of(client, f"P{self._said}", paid_at, amount), "handoff-bus", paid_at)

    def refund(self, client: Client, payment_id: str, refunded_at: datetime, amount: str) -> Message:
        """Money given back."""
        fact = PaymentRefunded(
            refund_id=f"R{self._said}",
            payment_id=payment_id,
            source="bank",
            lead_id=client.lead_id,
            refunded_at=refunded_at,
            amount=PositiveMoney(amount=amount, currency="RUB"),
            delivery_id=new_id(),
        )
        return self._message(fact, "handoff-bus", refunded_at)

    def payments(self, number: int, *, starts: datetime, days: int) -> Iterator[Message]:
        """So many payments, client after client, spread over the days."""
        for place in range(number):
            client = self.clients[place % len(self.clients)]
            yield self.pay(client, starts + timedelta(seconds=days * 86_400 * place / number))

    def _of(self, role: str, place: int) -> UUID:
        people = self.people[role]
        return people[place % len(people)]

    def _message(self, fact: Fact, service: str, occurred_at: datetime) -> Message:
        self._said += 1
        made = outgoing(
            fact,
            service=service,
            event_id=new_id(),
            occurred_at=occurred_at,
            recorded_at=occurred_at,
            context=_NOBODY,
        )
        return Message(subject=made.subject, body=made.body.encode(), stream_seq=self._said)


def payment_of(client: Client, payment_id: str, paid_at: datetime, amount: str) -> PaymentReceived:
    """A payment that names the client's contract."""
    return PaymentReceived(
        payment_id=payment_id,
        source="bank",
        lead_id=client.lead_id,
        paid_at=paid_at,
        amount=PositiveMoney(amount=amount, currency="RUB"),
        reference=Reference(system="contract", value=client.contract),
        delivery_id=new_id(),
    )
