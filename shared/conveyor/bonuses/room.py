"""The room as a service includes it: its routers, its ears, and what it needs of the service."""

from functools import partial
from pathlib import Path

from fastapi import APIRouter

from conveyor.bonuses.adjustments.api import router as adjustments_router
from conveyor.bonuses.adjustments.listeners import listen as listen_to_adjustments
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.disputes.api import router as disputes_router
from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.facts.listeners import listen
from conveyor.bonuses.forecast.api import router as forecast_router
from conveyor.bonuses.ledger.api import router as entries_router
from conveyor.bonuses.ledger.post_differences import post_differences
from conveyor.bonuses.payouts.api import router as payouts_router
from conveyor.bonuses.payouts.holds_api import router as holds_router
from conveyor.bonuses.payouts.watch import PayoutWatch
from conveyor.bonuses.periods.api import router as periods_router
from conveyor.bonuses.periods.listeners import listen as listen_to_closings
from conveyor.bonuses.plans.api import router as plans_router
from conveyor.bonuses.plans.quotas_api import router as quotas_router
from conveyor.bonuses.plans.replay_worker import ReplayWorker
from conveyor.bonuses.plans.replays_api import router as replays_router
from conveyor.bonuses.plans.versions_api import router as versions_router
from conveyor.bonuses.statements.api import router as statements_router
from conveyor.kit.database import Database
from conveyor.kit.messaging.events import Listeners
from conveyor.kit.service import Service
from conveyor.kit.settings import ServiceSettings

MIGRATIONS = Path(__file__).parent / "migrations" / "versions"


class BonusRoom:
    """Bonuses of one role, fed only by facts from the stream; the service's own facts come back to it there.

    Register the roster's listeners before `listen`, then `attach` it to the service, whose consumer tells a closing
    whether everything said so far has been read.
    """

    def __init__(self, *, role: BonusRole, database: Database, settings: ServiceSettings) -> None:
        self.settings = settings
        self.desk = Desk(role=role, database=database)
        self.routers: tuple[APIRouter, ...] = (
            statements_router(self.desk),
            forecast_router(self.desk),
            entries_router(self.desk),
            periods_router(self.desk),
            plans_router(self.desk),
            versions_router(self.desk),
            replays_router(self.desk),
            quotas_router(self.desk),
            payouts_router(self.desk),
            disputes_router(self.desk),
            adjustments_router(self.desk),
            holds_router(self.desk),
        )

    def listen(self, listeners: Listeners) -> None:
        """Hear the facts that pay depends on; differences are posted once at the end of each transaction."""
        listen(listeners, post_differences=partial(post_differences, role=self.desk.role))
        listen_to_adjustments(listeners, role=self.desk.role, service=self.desk.database.service)
        listen_to_closings(listeners, role=self.desk.role, service=self.desk.database.service)

    def attach(self, service: Service) -> None:
        """Ask this service's consumer whether the stream is read; watch the payouts and play replays beside it."""
        self.desk.caught_up = service.consumer.caught_up
        service.background.append(PayoutWatch(self.desk))
        service.background.append(ReplayWorker(self.desk))
