"""What the bus knows about a batch of letters before it is settled, and what it learns about money on the way."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from conveyor.kit.database import Transaction
from conveyor.kit.money import Money
from handoff_bus.calendar.queries import department_zone
from handoff_bus.deliveries.letter import Letter, Name
from handoff_bus.deliveries.outside_ids import published_payments
from handoff_bus.deliveries.paid_payments import note_given_back, note_paid, paid_payments
from handoff_bus.deliveries.receive_lead import names_in
from handoff_bus.deliveries.refund_rules import Paid, Stretch
from handoff_bus.deliveries.rules import Known, Publish
from handoff_bus.deliveries.wake import awaited_payment_of, wake
from handoff_bus.employees.queries import employments_of
from handoff_bus.references.queries import known_leads, leads_by_name
from handoff_bus.sources.kinds.payments.events import NamedPayment, RunningRefund, UnnamedRefund
from handoff_bus.sources.kinds.standard.schema import LeadEvent, RefundEvent


class MoneyNotes:
    """Payments that refunds may only hint at, and the stretches given back of them, as a batch says them."""

    def __init__(self) -> None:
        self._paid: list[Paid] = []
        self._given_back: list[tuple[Paid, str, Stretch]] = []

    def note(self, letter: Letter, verdict: Publish, known: Known) -> None:
        """Remember what was said, for the rest of the batch and for good."""
        data = letter.event.data
        if isinstance(data, NamedPayment) and verdict.lead_id is not None:
            paid = Paid(
                source_id=letter.source_id,
                payment_id=data.payment_id,
                lead_id=verdict.lead_id,
                paid_at=data.paid_at,
                amount=Money.from_wire(data.amount),
                names=frozenset(letter.names),
            )
            known.paid[letter.source_id, data.payment_id] = paid
            self._paid.append(paid)
        if verdict.stretch is not None and isinstance(letter.event, RefundEvent):
            paid, stretch = verdict.stretch
            paid.stretches.append(stretch)
            self._given_back.append((paid, letter.event.data.refund_id, stretch))

    async def write(self, tx: Transaction) -> None:
        """Keep it, and wake the refunds that waited for a payment of the same lead."""
        await note_paid(tx.session, self._paid)
        await note_given_back(tx.session, self._given_back)
        await wake(tx, [awaited_payment_of(paid.source_id, paid.lead_id) for paid in self._paid])


async def what_is_known(tx: Transaction, letters: Sequence[Letter]) -> Known:
    """Everything about the names and payments in these letters; take the correlation lock before."""
    names = {name for letter in letters for name in letter.names}
    for letter in letters:
        if isinstance(letter.event, LeadEvent):
            names |= {claim.name for claim in names_in(letter.event.data, letter.delivery_id)}
    payments = [
        (letter.source_id, letter.event.data.payment_id) for letter in letters if isinstance(letter.event, RefundEvent)
    ]
    direct = [UUID(value) for system, value in names if system == "lead_id"]
    leads = await leads_by_name(tx.session, [name for name in names if name[0] != "lead_id"])
    lead_ids = await known_leads(tx.session, direct)
    return Known(
        zone=await department_zone(tx.session),
        leads=leads,
        lead_ids=lead_ids,
        employees=await employments_of(tx.session, sorted({letter.employee for letter in letters if letter.employee})),
        payments=await published_payments(tx.session, payments),
        paid=await paid_payments(tx.session, payments=_totalled(letters), leads=_giving_back(letters, leads)),
    )


def _totalled(letters: Sequence[Letter]) -> set[tuple[UUID, str]]:
    return {
        (letter.source_id, letter.event.data.payment_id)
        for letter in letters
        if isinstance(letter.event, RefundEvent) and isinstance(letter.event.data, RunningRefund)
    }


def _giving_back(letters: Sequence[Letter], leads: Mapping[Name, set[UUID]]) -> set[tuple[UUID, UUID]]:
    found = set()
    for letter in letters:
        if isinstance(letter.event, RefundEvent) and isinstance(letter.event.data, UnnamedRefund):
            meant = {lead for name in letter.names for lead in leads.get(name, ())}
            found |= {(letter.source_id, lead) for lead in meant}
            if letter.matched_lead_id is not None:
                found.add((letter.source_id, letter.matched_lead_id))
    return found
