"""The composition root of telemarketing."""

from fastapi import FastAPI

from conveyor.bonuses.room import BonusRoom
from conveyor.kit.http.app import create_app
from conveyor.kit.service import Service, assemble
from telemarketing import stage
from telemarketing.departures.api import departures_router
from telemarketing.migrate import MIGRATIONS
from telemarketing.settings import TelemarketingSettings

__all__ = ["MIGRATIONS", "app", "application"]


def app() -> FastAPI:
    """The application, from the environment; for `uvicorn telemarketing.main:app --factory`."""
    settings = TelemarketingSettings()
    return application(assemble(settings), settings=settings)


def application(service: Service, *, settings: TelemarketingSettings) -> FastAPI:
    """The application around an assembled service."""
    bonuses = BonusRoom(role="sdr", database=service.database, settings=settings)
    stage.listen(service.listeners)
    bonuses.listen(service.listeners)
    stage.attach(service)
    bonuses.attach(service)
    made = create_app(service=service, routers=(*stage.ROUTERS, departures_router(bonuses.desk), *bonuses.routers))
    stage.furnish(made, service=service, settings=settings)
    return made
