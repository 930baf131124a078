"""Names of leads as the stages learn them. One write for all facts of a transaction."""

from uuid import UUID

from conveyor.contracts.closing import ContractSigned
from conveyor.contracts.references import ReferenceAssigned
from conveyor.contracts.telemarketing import LeadRecorded
from conveyor.contracts.values import Reference
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from handoff_bus.references.register_references import register_references
from handoff_bus.references.rules import Claim, claims_of

_LEARNED = "references learned"


def listen(listeners: Listeners) -> None:
    """Register the handlers."""
    listeners.on(ReferenceAssigned, on_reference_assigned)
    listeners.on(LeadRecorded, on_lead_recorded)
    listeners.on(ContractSigned, on_contract_signed)


async def on_reference_assigned(tx: Transaction, event: Event[ReferenceAssigned]) -> None:
    """Somebody announced a name of a lead."""
    fact = event.fact
    _learn(tx, fact.lead_id, claims_of(fact.lead_id, [fact.reference], deal_id=fact.deal_id))


async def on_lead_recorded(tx: Transaction, event: Event[LeadRecorded]) -> None:
    """A lead is known from now on, by its INN and by the phones and e-mails of its people."""
    fact = event.fact
    _learn(tx, fact.lead_id, claims_of(fact.lead_id, [], company=fact.company, contacts=fact.contacts))


async def on_contract_signed(tx: Transaction, event: Event[ContractSigned]) -> None:
    """The contract's number is a reference by itself, whichever fact about it comes first."""
    fact = event.fact
    references = [Reference(system="contract", value=fact.number), *fact.references]
    _learn(tx, fact.lead_id, claims_of(fact.lead_id, references, deal_id=fact.deal_id))


def _learn(tx: Transaction, lead_id: UUID, claims: list[Claim]) -> None:
    lead_ids, learned = tx.notes.setdefault(_LEARNED, (set(), []))
    lead_ids.add(lead_id)
    learned.extend(claims)
    tx.once_before_commit(_LEARNED, _register)


async def _register(tx: Transaction) -> None:
    lead_ids, claims = tx.notes.pop(_LEARNED)
    await register_references(tx, lead_ids=lead_ids, claims=claims)
