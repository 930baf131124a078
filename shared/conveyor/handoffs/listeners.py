"""What the inbox hears. Register the roster's own listeners first: these read its copy."""

from conveyor.contracts.handoffs import HandoffDueSoon, HandoffOffered, HandoffOverdue
from conveyor.contracts.roster import AbsenceRecorded, ChainRecorded, EmployeeRecorded
from conveyor.contracts.telemarketing import MeetingCancelled
from conveyor.handoffs.follow_deadline import follow_overdue, note_due_soon
from conveyor.handoffs.ownership.pass_on import pass_on
from conveyor.handoffs.receive_offer import receive_offer
from conveyor.handoffs.reroute_handoffs import reroute_for_chain, reroute_for_employee
from conveyor.handoffs.stage import ReceivingStage
from conveyor.handoffs.withdraw_handoff import withdraw_handoff
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners


def listen_to_offers(listeners: Listeners, *, stage: ReceivingStage) -> None:
    """Offers to this stage, their deadlines, and roster changes that move them or what their acceptance opened."""

    async def when_offered(tx: Transaction, event: Event[HandoffOffered]) -> None:
        await receive_offer(tx, event, stage=stage)

    async def when_employee_recorded(tx: Transaction, event: Event[EmployeeRecorded]) -> None:
        await reroute_for_employee(tx, stage=stage, employee_id=event.fact.employee_id)
        await pass_on(tx, stage=stage, employee_id=event.fact.employee_id)

    async def when_absence_recorded(tx: Transaction, event: Event[AbsenceRecorded]) -> None:
        await reroute_for_employee(tx, stage=stage, employee_id=event.fact.employee_id)

    async def when_due_soon(tx: Transaction, event: Event[HandoffDueSoon]) -> None:
        await note_due_soon(tx, event, stage=stage)

    async def when_overdue(tx: Transaction, event: Event[HandoffOverdue]) -> None:
        await follow_overdue(tx, event, stage=stage)

    async def when_chain_recorded(tx: Transaction, event: Event[ChainRecorded]) -> None:
        await reroute_for_chain(tx, stage=stage, member_ids=event.fact.member_ids)

    listeners.on(HandoffOffered, when_offered)
    listeners.on(EmployeeRecorded, when_employee_recorded)
    listeners.on(AbsenceRecorded, when_absence_recorded)
    listeners.on(HandoffDueSoon, when_due_soon)
    listeners.on(HandoffOverdue, when_overdue)
    listeners.on(ChainRecorded, when_chain_recorded)


def listen_to_cancelled_meetings(listeners: Listeners) -> None:
    """For the stage whose handoffs stand on a booked meeting: a cancelled meeting withdraws an offered handoff."""
    listeners.on(MeetingCancelled, withdraw_handoff)
