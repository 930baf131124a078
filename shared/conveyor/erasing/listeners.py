"""What a service does at once when it hears that somebody is erased."""

from conveyor.contracts.erasure import LeadErased, PersonErased
from conveyor.erasing.erase_here import erase_here
from conveyor.erasing.steps import Steps
from conveyor.erasing.subjects import subject_of
from conveyor.erasing.tables import ErasureHere
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners


def listen(listeners: Listeners, *, steps: Steps) -> None:
    """Erase by these steps. The worker of `carry_out.py` looks once more and says that it is done."""

    async def erase(tx: Transaction, event: Event[LeadErased] | Event[PersonErased]) -> None:
        fact = event.fact
        if await tx.session.get(ErasureHere, fact.erasure_id) is not None:
            return
        # What this transaction did before, as its listeners batch it, must be in the tables before they are blanked.
        await tx.session.flush()
        subject = subject_of(fact)
        tx.session.add(
            ErasureHere(
                erasure_id=fact.erasure_id,
                kind=subject.kind,
                subject_id=subject.subject_id,
                lead_id=subject.lead_id,
                erased_at=tx.now,
                erased=await erase_here(tx, subject, steps),
                carried_out_at=None,
            )
        )
        await tx.session.flush()

    listeners.on(LeadErased, erase)
    listeners.on(PersonErased, erase)
