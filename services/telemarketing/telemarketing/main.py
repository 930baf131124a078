"""The composition root of telemarketing."""

from fastapi import FastAPI

from conveyor.bonuses.facts import erasing as bonus_facts
from conveyor.bonuses.room import BonusRoom
from conveyor.erasing import room as erasing_room
from conveyor.kit.http.app import create_app
from conveyor.kit.long_lived import long_lived
from conveyor.kit.service import Service, assemble
from conveyor.roster import erasing as roster_copy
from telemarketing import stage
from telemarketing.departures.api import departures_router
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
    made = create_app(service=service, routers=(*stage.ROUTERS, departures_router(bonuses.desk), *bonuses.routers))
    stage.furnish(made, service=service, settings=settings)
    return made
