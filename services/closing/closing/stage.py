"""Closing as a receiving stage: what it hears, what it serves, and what an accepted handoff opens. Bonuses apart."""

from fastapi import APIRouter

from closing.contracts import listeners as contracts_hear
from closing.contracts.api import contracts_router
from closing.deals.api import deals_router
from closing.deals.doing import Desk
from closing.deals.move_deal import say_deal_moved
from closing.deals.open_deal import open_deal
from closing.deals.queries import open_deals_by_owner
from closing.meetings import listeners as meetings_hear
from closing.meetings.api import meetings_router
from closing.nurture import listeners as nurture_hears
from closing.nurture.api import nurture_router
from closing.payments import listeners as payments_hear
from conveyor.handoffs.api import handoffs_router
from conveyor.handoffs.listeners import listen_to_cancelled_meetings, listen_to_offers
from conveyor.handoffs.stage import ReceivingStage
from conveyor.kit.database import Database
from conveyor.kit.messaging.events import Listeners
from conveyor.roster import listeners as roster_hears

CLOSING = ReceivingStage(
    stage="closing",
    role="ae",
    open_objects=open_deals_by_owner,
    take_over=open_deal,
    say_owner_moved=say_deal_moved,
)


def listen(listeners: Listeners) -> None:
    """What the stage hears. The order counts: roster, inbox, then what stands on them."""
    roster_hears.listen(listeners)
    listen_to_offers(listeners, stage=CLOSING)
    listen_to_cancelled_meetings(listeners)
    meetings_hear.listen(listeners)
    contracts_hear.listen(listeners)
    nurture_hears.listen(listeners)
    payments_hear.listen(listeners)


def routers(database: Database, *, backdating_days_max: int) -> tuple[APIRouter, ...]:
    """What the stage serves."""
    desk = Desk(stage=CLOSING, database=database, backdating_days_max=backdating_days_max)
    inbox = handoffs_router(database=database, stage=CLOSING, backdating_days_max=backdating_days_max)
    return (inbox, deals_router(desk), meetings_router(desk), contracts_router(desk), nurture_router(desk))
