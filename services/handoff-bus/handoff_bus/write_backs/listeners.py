"""What moves a lead along the line or changes its owner, what names it in a CRM, and what names an employee there."""

from uuid import UUID

from conveyor.contracts.account import ClientOwnerChanged
from conveyor.contracts.closing import ContractSigned, DealLost, DealOwnerChanged
from conveyor.contracts.handoffs import HandoffAccepted
from conveyor.contracts.references import ReferenceAssigned
from conveyor.contracts.roster import EmployeeRecorded
from conveyor.contracts.telemarketing import LeadRecorded
from conveyor.contracts.values import Stage
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from handoff_bus.write_backs.note_moves import mark_due, mark_named_owners, note_moves
from handoff_bus.write_backs.rules import Moved, Position

_MOVED, _NAMED, _KNOWN = "leads moved", "leads named in a CRM", "employees named in a CRM"


def listen(listeners: Listeners) -> None:
    """Register after the references, which have to be known before a lead is found in a CRM."""
    listeners.on(LeadRecorded, on_lead_recorded)
    listeners.on(HandoffAccepted, on_handoff_accepted)
    listeners.on(DealOwnerChanged, on_deal_owner_changed)
    listeners.on(ContractSigned, on_contract_signed)
    listeners.on(DealLost, on_deal_lost)
    listeners.on(ClientOwnerChanged, on_client_owner_changed)
    listeners.on(ReferenceAssigned, on_reference_assigned)
    listeners.on(EmployeeRecorded, on_employee_recorded)


async def on_lead_recorded(tx: Transaction, event: Event[LeadRecorded]) -> None:
    """Telemarketing tells everything of a lead again and again; where it stands is not part of it."""
    _note(
        tx,
        event.fact.lead_id,
        Moved(
            event_id=event.id,
            stage="telemarketing",
            position=None,
            names_owner=True,
            owner_id=event.fact.owner_id,
            at=event.occurred_at,
            recorded_at=event.recorded_at,
        ),
    )


async def on_handoff_accepted(tx: Transaction, event: Event[HandoffAccepted]) -> None:
    """The receiving stage holds the lead from now on, also when it comes back to telemarketing."""
    fact = event.fact
    _note(
        tx,
        fact.lead_id,
        Moved(
            event_id=event.id,
            stage=fact.to_stage,
            position=fact.to_stage,
            names_owner=True,
            owner_id=fact.employee_id,
            at=event.occurred_at,
            recorded_at=event.recorded_at,
        ),
    )


async def on_deal_owner_changed(tx: Transaction, event: Event[DealOwnerChanged]) -> None:
    """Somebody else owns the deal, maybe only from a later day on."""
    _owner_changed(tx, event, "closing")


async def on_client_owner_changed(tx: Transaction, event: Event[ClientOwnerChanged]) -> None:
    """Somebody else owns the client, maybe only from a later day on."""
    _owner_changed(tx, event, "account")


async def on_contract_signed(tx: Transaction, event: Event[ContractSigned]) -> None:
    """The deal is won."""
    _deal_ended(tx, event, "won")


async def on_deal_lost(tx: Transaction, event: Event[DealLost]) -> None:
    """The deal is lost."""
    _deal_ended(tx, event, "lost")


async def on_reference_assigned(tx: Transaction, event: Event[ReferenceAssigned]) -> None:
    """A lead got its name in a CRM; what was not written so far is written now."""
    if event.fact.reference.system.startswith("crm:"):
        # A work of its own: it has to run after the one that registers references, whatever came first in the batch.
        tx.notes.setdefault(_NAMED, set()).add(event.fact.lead_id)
        tx.once_before_commit(_NAMED, _mark_named)


async def on_employee_recorded(tx: Transaction, event: Event[EmployeeRecorded]) -> None:
    """An employee may have got his name in a CRM."""
    tx.notes.setdefault(_KNOWN, set()).add(event.fact.employee_id)
    tx.once_before_commit(_KNOWN, _mark_known)


def _owner_changed(tx: Transaction, event: Event[DealOwnerChanged] | Event[ClientOwnerChanged], stage: Stage) -> None:
    fact = event.fact
    moved = Moved(event.id, stage, None, True, fact.employee_id, fact.from_at, event.recorded_at)  # noqa: FBT003 - it names an owner
    _note(tx, fact.lead_id, moved)


def _deal_ended(tx: Transaction, event: Event[ContractSigned] | Event[DealLost], position: Position) -> None:
    moved = Moved(event.id, "closing", position, False, None, event.occurred_at, event.recorded_at)  # noqa: FBT003 - it names no owner
    _note(tx, event.fact.lead_id, moved)


def _note(tx: Transaction, lead_id: UUID, moved: Moved) -> None:
    tx.notes.setdefault(_MOVED, []).append((lead_id, moved))
    tx.once_before_commit(_MOVED, _write)


async def _write(tx: Transaction) -> None:
    await note_moves(tx, tx.notes.pop(_MOVED))


async def _mark_named(tx: Transaction) -> None:
    await mark_due(tx, tx.notes.pop(_NAMED))


async def _mark_known(tx: Transaction) -> None:
    await mark_named_owners(tx, tx.notes.pop(_KNOWN))
