"""What the telemarketing stage itself hears and offers; the bonuses room comes on top in `main`."""

from typing import Final

from fastapi import APIRouter, FastAPI

from conveyor.kit.messaging.events import Listeners
from conveyor.kit.service import Service
from conveyor.roster import listeners as roster_listeners
from telemarketing.calls import listeners as calls
from telemarketing.handoffs import api as handoffs_api
from telemarketing.handoffs import listeners as handoffs
from telemarketing.leads import api as leads_api
from telemarketing.leads import listeners as leads
from telemarketing.leads.leaver_watch import LeaverWatch
from telemarketing.meetings import api as meetings_api
from telemarketing.meetings import listeners as meetings
from telemarketing.nurture import listeners as nurture
from telemarketing.payments import listeners as payments
from telemarketing.progress import listeners as progress
from telemarketing.queue import api as queue_api
from telemarketing.replies import listeners as replies
from telemarketing.settings import TelemarketingSettings
from telemarketing.touches import api as touches_api
from telemarketing.wiring import Desk

ROUTERS: Final[tuple[APIRouter, ...]] = (
    leads_api.router,
    queue_api.router,
    touches_api.router,
    meetings_api.router,
    handoffs_api.router,
)


def listen(listeners: Listeners) -> None:
    """Hear what concerns leads. The roster comes first, so that the others see an employee's newest state."""
    for room in (roster_listeners, leads, calls, replies, handoffs, nurture, meetings, payments, progress):
        room.listen(listeners)


def attach(service: Service) -> None:
    """Add the stage's background work."""
    service.background.append(LeaverWatch(service.database))


def furnish(made: FastAPI, *, service: Service, settings: TelemarketingSettings) -> None:
    """Give the routes the desk at which they work."""
    made.state.desk = Desk(database=service.database, settings=settings)
