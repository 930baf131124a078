"""The composition root of telemarketing."""

from fastapi import FastAPI

from conveyor.bonuses import disclosing as bonuses_kept
from conveyor.bonuses.facts import erasing as bonus_facts
from conveyor.bonuses.room import BonusRoom
from conveyor.disclosing.api import disclosure_router
from conveyor.erasing import room as erasing_room
from conveyor.kit.http.app import create_app
from conveyor.kit.long_lived import long_lived
from conveyor.kit.service import Service, assemble
from conveyor.roster import disclosing as roster_kept
from conveyor.roster import erasing as roster_copy
from telemarketing import stage
from telemarketing.departures.api import departures_router
from telemarketing.leads import disclosing as leads_kept
from telemarketing.leads import erasing as leads
from telemarketing.migrate import MIGRATIONS
from telemarketing.settings import TelemarketingSettings

__all__ = ["MIGRATIONS", "app", "application"]


def app() -> FastAPI:
    """The application, from the environment; for `uvicorn telemarketing.main:app --factory`."""
    settings = TelemarketingSettings()
    return long_lived(application(assemble(settings), settings=settings))


def application(service: Service, *, settings: TelemarketingSettings) -> FastAPI:
    """The application around an assembled service."""
    bonuses = BonusRoom(role="sdr", database=service.database, settings=settings)
    stage.listen(service.listeners)
    bonuses.listen(service.listeners)
    stage.attach(service)
    bonuses.attach(service)
    erasing_room.attach(service, leads.STEPS, roster_copy.STEPS, bonus_facts.STEPS)
    disclosures = disclosure_router(service, leads_kept.KEPT, roster_kept.KEPT, bonuses_kept.KEPT)
    own = (*stage.ROUTERS, departures_router(bonuses.desk), disclosures)
    made = create_app(service=service, routers=(*own, *bonuses.routers))
    stage.furnish(made, service=service, settings=settings)
    return made
