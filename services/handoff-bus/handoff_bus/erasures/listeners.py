"""What the services confirm."""

from typing import Any

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from conveyor.contracts.erasure import ErasureCarriedOut
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners
from handoff_bus.erasures.tables import ErasureConfirmation


def listen(listeners: Listeners) -> None:
    """Write down who confirmed what."""
    listeners.on(ErasureCarriedOut, keep_confirmation)


async def keep_confirmation(tx: Transaction, event: Event[ErasureCarriedOut]) -> None:
    """The first word of a service stands; what it says after a repetition is kept beside it.

    Its erasure was recorded before it was said.
    """
    told = insert(ErasureConfirmation).values(
        erasure_id=event.fact.erasure_id,
        service=event.service,
        confirmed_at=event.recorded_at,
        erased=[each.model_dump() for each in event.fact.erased],
        repeated_at=func.clock_timestamp(),
    )
    # Compared with when the repetition was asked for: the database's clock tells both.
    again: dict[str, Any] = {"repeated_at": func.clock_timestamp()}
    if not event.fact.is_repeated:
        again["erased_again"] = told.excluded.erased
    await tx.session.execute(
        told.on_conflict_do_update(
            index_elements=[ErasureConfirmation.erasure_id, ErasureConfirmation.service],
            set_=again,
            where=ErasureConfirmation.confirmed_at < told.excluded.confirmed_at,
        )
    )
