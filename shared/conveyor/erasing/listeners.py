"""What a service does at once when it hears that somebody is erased."""

from conveyor.contracts.erasure import ErasuresReapplied, LeadErased, PersonErased
from conveyor.erasing.carry_out import carried_out
from conveyor.erasing.erase_here import erase_here
from conveyor.erasing.restored import HEARD, end_repetition
from conveyor.erasing.steps import Steps
from conveyor.erasing.subjects import subject_of
from conveyor.erasing.tables import ErasureHere
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners, release


def listen(listeners: Listeners, *, steps: Steps) -> None:
    """Erase by these steps, once each. The worker of `carry_out.py` looks once more and says that it is done."""

    async def erase(tx: Transaction, event: Event[LeadErased] | Event[PersonErased]) -> None:
        fact = event.fact
        known = await tx.session.get(ErasureHere, fact.erasure_id)
        if known is not None:
            _repeat(tx, known)
            return
        # What this transaction did before, as its listeners batch it, must be in the tables before they are blanked,
        # and what follows from a name must be drawn before the name is gone.
        await tx.work_off()
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
        await release(tx, *HEARD)

    listeners.on(LeadErased, erase)
    listeners.on(PersonErased, erase)
    listeners.on(ErasuresReapplied, end_repetition)


def _repeat(tx: Transaction, known: ErasureHere) -> None:
    """Who restored a copy asks everybody again; what was carried out before is only told once more."""
    if known.carried_out_at is not None:
        tx.say(carried_out(known, is_repeated=True))
