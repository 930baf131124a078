"""The composition root of closing."""

from pathlib import Path

from fastapi import FastAPI

import conveyor.bonuses
import conveyor.kit
from closing import stage
from closing.departures.api import departures_router
from closing.settings import ClosingSettings
from conveyor import handoffs, roster
from conveyor.bonuses.room import BonusRoom
from conveyor.handoffs.attendance_watch import AttendanceWatch
from conveyor.kit.http.app import create_app
from conveyor.kit.service import Service, assemble

MIGRATIONS: tuple[Path, ...] = (
    Path(conveyor.kit.__file__).parent / "migrations" / "versions",
    roster.MIGRATIONS,
    handoffs.MIGRATIONS,
    Path(conveyor.bonuses.__file__).parent / "migrations" / "versions",
    Path(__file__).parents[1] / "migrations" / "versions",
)


def app() -> FastAPI:
    """The application, from the environment; for `uvicorn closing.main:app --factory`."""
    return application(assemble(ClosingSettings()))


def application(service: Service) -> FastAPI:
    """The application around an assembled service."""
    settings, database = service.settings, service.database
    bonuses = BonusRoom(role="ae", database=database, settings=settings)
    stage.listen(service.listeners)
    bonuses.listen(service.listeners)
    bonuses.attach(service)
    service.background.append(AttendanceWatch(database, stage=stage.CLOSING))
    own = stage.routers(database, backdating_days_max=settings.backdating_days_max)
    return create_app(service=service, routers=(*own, departures_router(bonuses.desk), *bonuses.routers))
