"""The composition root of account."""

from pathlib import Path

from fastapi import FastAPI

import conveyor.bonuses
import conveyor.kit
from account import stage
from account.clients import disclosing as clients_kept
from account.clients import erasing as clients
from account.departures.api import departures_router
from account.settings import AccountSettings
from conveyor import erasing, handoffs, roster
from conveyor.bonuses import disclosing as bonuses_kept
from conveyor.bonuses.facts import erasing as bonus_facts
from conveyor.bonuses.room import BonusRoom
from conveyor.disclosing.api import disclosure_router
from conveyor.erasing import room as erasing_room
from conveyor.handoffs import disclosing as inbox_kept
from conveyor.handoffs import erasing as inbox
from conveyor.handoffs.attendance_watch import AttendanceWatch
from conveyor.kit.http.app import create_app
from conveyor.kit.long_lived import long_lived
from conveyor.kit.service import Service, assemble
from conveyor.roster import disclosing as roster_kept
from conveyor.roster import erasing as roster_copy

MIGRATIONS: tuple[Path, ...] = (
    Path(conveyor.kit.__file__).parent / "migrations" / "versions",
    erasing.MIGRATIONS,
    roster.MIGRATIONS,
    handoffs.MIGRATIONS,
    Path(conveyor.bonuses.__file__).parent / "migrations" / "versions",
    Path(__file__).parents[1] / "migrations" / "versions",
)


def app() -> FastAPI:
    """The application, from the environment; for `uvicorn account.main:app --factory`."""
    return long_lived(application(assemble(AccountSettings())))


def application(service: Service) -> FastAPI:
    """The application around an assembled service."""
    settings, database = service.settings, service.database
    bonuses = BonusRoom(role="am", database=database, settings=settings)
    stage.listen(service.listeners)
    bonuses.listen(service.listeners)
    bonuses.attach(service)
    service.background.append(AttendanceWatch(database, stage=stage.ACCOUNT))
    erasing_room.attach(service, clients.STEPS, inbox.STEPS, roster_copy.STEPS, bonus_facts.STEPS)
    own = stage.routers(database, backdating_days_max=settings.backdating_days_max)
    kept = (clients_kept.KEPT, inbox_kept.KEPT, roster_kept.KEPT, bonuses_kept.KEPT)
    people = (departures_router(bonuses.desk), disclosure_router(service, *kept))
    return create_app(service=service, routers=(*own, *people, *bonuses.routers))
