"""A ledger that is made again from the facts closes its months where they were closed."""

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.periods.close_again import close_again
from conveyor.contracts.payroll import BonusPeriodClosed
from conveyor.kit.database import Transaction
from conveyor.kit.messaging.events import Event, Listeners


def listen(listeners: Listeners, *, role: BonusRole, service: str) -> None:
    """Hear this service's own closings; in the books that said them they change nothing."""

    async def closed(tx: Transaction, event: Event[BonusPeriodClosed]) -> None:
        await close_again(tx, event, role=role)

    listeners.on(BonusPeriodClosed, closed, from_service=service)
