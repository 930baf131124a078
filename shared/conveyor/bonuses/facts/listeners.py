"""The stream → the copy. Handlers only gather; `post_differences` stores and evaluates at the end."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from conveyor.bonuses.facts.gathered import Gathered, gathered_in
from conveyor.contracts.account import ClientOwnerChanged
from conveyor.contracts.closing import ContractSigned, DealOpened, DealOwnerChanged, MeetingHeld, MeetingMissed
from conveyor.contracts.envelope import Fact
from conveyor.contracts.handoffs import HandoffAccepted, HandoffOffered, HandoffReturned
from conveyor.contracts.outside import CallRecorded, LeadReceived, PaymentReceived, PaymentRefunded
from conveyor.contracts.roster import CalendarRecorded, ChainRecorded, EmployeeRecorded
from conveyor.contracts.telemarketing import LeadRecorded, MeetingBooked, MeetingCancelled, TouchRecorded
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from conveyor.roster.changes import taken_chains

F = TypeVar("F", bound=Fact)
Gather = Callable[[Gathered, Event[F]], None]
Work = Callable[[Transaction], Awaitable[None]]


def listen(listeners: Listeners, *, post_differences: Work) -> None:
    """Hear everything that pay depends on; `post_differences` runs once at the end of each transaction."""

    async def chain(tx: Transaction, event: Event[ChainRecorded]) -> None:  # noqa: ARG001 - the copy keeps what it said
        gathered_in(tx).chains += taken_chains(tx)
        tx.once_before_commit("bonuses", post_differences)

    def on(model: type[F], gather: Gather[F]) -> None:
        async def handle(tx: Transaction, event: Event[F]) -> None:
            gather(gathered_in(tx), event)
            tx.once_before_commit("bonuses", post_differences)

        listeners.on(model, handle)

    on(TouchRecorded, _touch)
    on(MeetingBooked, _meeting_booked)
    on(MeetingCancelled, _meeting_cancelled)
    on(MeetingMissed, _meeting_missed)
    on(MeetingHeld, _meeting_held)
    on(HandoffOffered, _handoff_offered)
    on(HandoffAccepted, _handoff_accepted)
    on(HandoffReturned, _handoff_returned)
    on(DealOpened, _deal_opened)
    on(DealOwnerChanged, _deal_owner_changed)
    on(ContractSigned, _contract_signed)
    on(ClientOwnerChanged, _client_owner_changed)
    on(PaymentReceived, _payment)
    on(PaymentRefunded, _refund)
    on(CallRecorded, _call)
    on(LeadRecorded, _lead_recorded)
    on(LeadReceived, _lead_received)
    on(EmployeeRecorded, _employee)
    on(CalendarRecorded, _calendar)
    listeners.on(ChainRecorded, chain)


def _touch(gathered: Gathered, event: Event[TouchRecorded]) -> None:
    fact = event.fact
    gathered.fact(event, identity=str(fact.touch_id), lead_id=fact.lead_id, employee_id=fact.employee_id, body=fact)
    gathered.work_times.add((fact.employee_id, event.occurred_at))


def _meeting_booked(gathered: Gathered, event: Event[MeetingBooked]) -> None:
    fact = event.fact
    gathered.fact(event, identity=str(fact.meeting_id), lead_id=fact.lead_id, employee_id=fact.employee_id, body=fact)
    gathered.work_times.add((fact.employee_id, event.occurred_at))


def _meeting_cancelled(gathered: Gathered, event: Event[MeetingCancelled]) -> None:
    fact = event.fact
    gathered.fact(event, identity=str(fact.meeting_id), lead_id=fact.lead_id, body=fact)


def _meeting_missed(gathered: Gathered, event: Event[MeetingMissed]) -> None:
    fact = event.fact
    gathered.fact(event, identity=str(fact.meeting_id), lead_id=fact.lead_id, body=fact)


def _meeting_held(gathered: Gathered, event: Event[MeetingHeld]) -> None:
    fact = event.fact
    gathered.fact(event, identity=str(fact.meeting_id), lead_id=fact.lead_id, body=fact)


def _handoff_offered(gathered: Gathered, event: Event[HandoffOffered]) -> None:
    fact = event.fact
    version = int(event.occurred_at.timestamp())
    gathered.name(fact.lead_id, precedence=1, version=version, name=fact.company.name)


def _handoff_accepted(gathered: Gathered, event: Event[HandoffAccepted]) -> None:
    fact = event.fact
    gathered.fact(event, identity=str(fact.handoff_id), lead_id=fact.lead_id, employee_id=fact.employee_id, body=fact)


def _handoff_returned(gathered: Gathered, event: Event[HandoffReturned]) -> None:
    fact = event.fact
    gathered.fact(event, identity=str(fact.handoff_id), lead_id=fact.lead_id, body=fact)


def _deal_opened(gathered: Gathered, event: Event[DealOpened]) -> None:
    fact = event.fact
    gathered.fact(event, identity=str(fact.deal_id), lead_id=fact.lead_id, employee_id=fact.employee_id, body=fact)


def _deal_owner_changed(gathered: Gathered, event: Event[DealOwnerChanged]) -> None:
    fact = event.fact
    gathered.fact(
        event,
        identity=f"{fact.deal_id}/{fact.revision}",
        lead_id=fact.lead_id,
        employee_id=fact.employee_id,
        occurred_at=fact.from_at,
        body=fact,
    )


def _contract_signed(gathered: Gathered, event: Event[ContractSigned]) -> None:
    fact = event.fact
    gathered.fact(
        event,
        identity=f"{fact.deal_id}/{fact.number}",
        lead_id=fact.lead_id,
        employee_id=fact.employee_id,
        occurred_at=fact.signed_at,
        body=fact,
    )


def _client_owner_changed(gathered: Gathered, event: Event[ClientOwnerChanged]) -> None:
    fact = event.fact
    gathered.fact(
        event,
        identity=f"{fact.lead_id}/{fact.revision}",
        lead_id=fact.lead_id,
        employee_id=fact.employee_id,
        occurred_at=fact.from_at,
        body=fact,
    )


def _payment(gathered: Gathered, event: Event[PaymentReceived]) -> None:
    fact = event.fact
    gathered.fact(
        event, identity=f"{fact.source}/{fact.payment_id}", lead_id=fact.lead_id, occurred_at=fact.paid_at, body=fact
    )


def _refund(gathered: Gathered, event: Event[PaymentRefunded]) -> None:
    fact = event.fact
    gathered.fact(
        event, identity=f"{fact.source}/{fact.refund_id}", lead_id=fact.lead_id, occurred_at=fact.refunded_at, body=fact
    )


def _call(gathered: Gathered, event: Event[CallRecorded]) -> None:
    fact = event.fact
    gathered.calls.append(
        {
            "source": fact.source,
            "call_id": fact.call_id,
            "employee_id": fact.employee_id,
            "lead_id": fact.lead_id,
            "started_at": fact.started_at,
            "duration_seconds": fact.duration_seconds,
            "event_id": event.id,
        }
    )
    gathered.work_times.add((fact.employee_id, fact.started_at))


def _lead_recorded(gathered: Gathered, event: Event[LeadRecorded]) -> None:
    fact = event.fact
    gathered.name(fact.lead_id, precedence=3, version=fact.revision, name=fact.company.name)


def _lead_received(gathered: Gathered, event: Event[LeadReceived]) -> None:
    fact = event.fact
    version = int(event.occurred_at.timestamp())
    gathered.name(fact.lead_id, precedence=2, version=version, name=fact.company.name)


def _employee(gathered: Gathered, event: Event[EmployeeRecorded]) -> None:
    gathered.employees.add(event.fact.employee_id)


def _calendar(gathered: Gathered, event: Event[CalendarRecorded]) -> None:  # noqa: ARG001 - any calendar matters
    gathered.everything = True
