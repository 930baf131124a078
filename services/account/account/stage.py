"""Account as a receiving stage: what it hears, what it serves, and what an accepted handoff opens. Bonuses apart."""

from fastapi import APIRouter

from account.clients.api import clients_router
from account.clients.move_client import say_client_moved
from account.clients.open_client import open_client
from account.clients.queries import clients_by_owner
from account.contracts import listeners as contracts_hear
from account.payments import listeners as payments_hear
from account.upsell import listeners as upsell_hears
from account.upsell.api import upsell_router
from conveyor.handoffs.api import handoffs_router
from conveyor.handoffs.listeners import listen_to_offers
from conveyor.handoffs.stage import ReceivingStage
from conveyor.kit.database import Database
from conveyor.kit.messaging.events import Listeners
from conveyor.roster import listeners as roster_hears

ACCOUNT = ReceivingStage(
    stage="account",
    role="am",
    open_objects=clients_by_owner,
    take_over=open_client,
    say_owner_moved=say_client_moved,
)


def listen(listeners: Listeners) -> None:
    """What the stage hears. The order counts: roster, inbox, then what stands on them."""
    roster_hears.listen(listeners)
    listen_to_offers(listeners, stage=ACCOUNT)
    contracts_hear.listen(listeners)
    payments_hear.listen(listeners)
    upsell_hears.listen(listeners)


def routers(database: Database, *, backdating_days_max: int) -> tuple[APIRouter, ...]:
    """What the stage serves."""
    inbox = handoffs_router(database=database, stage=ACCOUNT, backdating_days_max=backdating_days_max)
    upsell = upsell_router(database, backdating_days_max=backdating_days_max)
    return (inbox, clients_router(database, stage=ACCOUNT), upsell)
