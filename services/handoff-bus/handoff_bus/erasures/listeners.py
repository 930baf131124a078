"""What the services confirm."""

from sqlalchemy.dialects.postgresql import insert

from conveyor.contracts.erasure import ErasureCarriedOut
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from handoff_bus.erasures.tables import ErasureConfirmation


def listen(listeners: Listeners) -> None:
    """Write down who confirmed what."""
    listeners.on(ErasureCarriedOut, keep_confirmation)


async def keep_confirmation(tx: Transaction, event: Event[ErasureCarriedOut]) -> None:
    """The first word of a service stands. Its erasure was recorded before it was said."""
    await tx.session.execute(
        insert(ErasureConfirmation)
        .values(
            erasure_id=event.fact.erasure_id,
            service=event.service,
            confirmed_at=event.recorded_at,
            erased=[each.model_dump() for each in event.fact.erased],
        )
        .on_conflict_do_nothing()
    )
