"""Composition root of handoff-bus: its parts, its listeners, its routes."""

import asyncio
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from conveyor import erasing, kit
from conveyor.disclosing.api import disclosure_router
from conveyor.erasing import room as erasing_room
from conveyor.kit.http.app import create_app
from conveyor.kit.http.routing import PREFIX
from conveyor.kit.long_lived import long_lived
from conveyor.kit.service import Service, assemble
from handoff_bus import bus as parts
from handoff_bus.absences import api as absences_api
from handoff_bus.backlogs import api as backlogs_api
from handoff_bus.backlogs import listeners as backlogs_listeners
from handoff_bus.backlogs.outbound import OutboundGauges
from handoff_bus.calendar import api as calendar_api
from handoff_bus.calendar.announce_calendar import CalendarHerald
from handoff_bus.chains import api as chains_api
from handoff_bus.dead_letters import api as dead_letters_api
from handoff_bus.dead_letters import listeners as dead_letters_listeners
from handoff_bus.deadlines import api as deadlines_api
from handoff_bus.deadlines import listeners as deadlines_listeners
from handoff_bus.deadlines.watch import DeadlineWatch
from handoff_bus.deliveries import api as deliveries_api
from handoff_bus.deliveries import webhooks
from handoff_bus.deliveries.intake import Intake
from handoff_bus.deliveries.lane import WebhookLane
from handoff_bus.deliveries.queries import deliveries_at_work
from handoff_bus.deliveries.replays import api as replays_api
from handoff_bus.deliveries.replays.replayer import Replayer
from handoff_bus.deliveries.retention import RawRetention
from handoff_bus.deliveries.settler import Settler
from handoff_bus.dispatches import api as dispatches_api
from handoff_bus.dispatches import listeners as dispatches_listeners
from handoff_bus.dispatches.sender import DispatchSender
from handoff_bus.employees import api as employees_api
from handoff_bus.erasures import api as erasures_api
from handoff_bus.erasures import listeners as erasures_listeners
from handoff_bus.erasures.act import missing_of
from handoff_bus.erasures.disclosing import KEPT
from handoff_bus.erasures.erasing import STEPS
from handoff_bus.erasures.purge_stream import StreamPurge
from handoff_bus.fetching.client import ApiClient
from handoff_bus.fetching.fetch_back import FetchBack
from handoff_bus.figures import api as figures_api
from handoff_bus.handoffs import api as handoffs_api
from handoff_bus.handoffs import listeners as handoffs_listeners
from handoff_bus.journeys import api as journeys_api
from handoff_bus.journeys import listeners as journeys_listeners
from handoff_bus.outbound.client import OutboundClient
from handoff_bus.payroll import api as payroll_api
from handoff_bus.payroll import listeners as payroll_listeners
from handoff_bus.references import api as references_api
from handoff_bus.references import listeners as references_listeners
from handoff_bus.self_check import api as self_check_api
from handoff_bus.self_check import listeners as self_check_listeners
from handoff_bus.settings import BusSettings
from handoff_bus.sources import api as sources_api
from handoff_bus.sources.book import SourceBook
from handoff_bus.sources.health import api as health_api
from handoff_bus.sources.health.door_log import DoorLog
from handoff_bus.sources.health.watch import HealthWatch
from handoff_bus.sources.uploads import api as uploads_api
from handoff_bus.subscriptions import api as subscriptions_api
from handoff_bus.write_backs import api as write_backs_api
from handoff_bus.write_backs import listeners as write_backs_listeners
from handoff_bus.write_backs.writer import CrmWriter

MIGRATIONS: tuple[Path, ...] = (
    Path(kit.__file__).parent / "migrations" / "versions",
    erasing.MIGRATIONS,
    Path(__file__).parents[1] / "migrations" / "versions",
)

ROUTERS = (
    webhooks.router,
    deliveries_api.router,
    replays_api.router,
    employees_api.router,
    absences_api.router,
    chains_api.router,
    calendar_api.router,
    deadlines_api.router,
    sources_api.router,
    health_api.router,
    uploads_api.router,
    references_api.router,
    handoffs_api.router,
    figures_api.router,
    journeys_api.router,
    payroll_api.router,
    erasures_api.router,
    subscriptions_api.router,
    dispatches_api.router,
    write_backs_api.settings_router,
    write_backs_api.router,
    dead_letters_api.router,
    self_check_api.router,
    backlogs_api.router,
)

LISTENERS = (
    references_listeners,
    handoffs_listeners,
    deadlines_listeners,
    journeys_listeners,
    payroll_listeners,
    dead_letters_listeners,
    erasures_listeners,
    write_backs_listeners,
    self_check_listeners,
    backlogs_listeners,
)


def app() -> FastAPI:
    """The application: `uvicorn handoff_bus.main:app --factory`."""
    return long_lived(application(assemble(BusSettings())))


def application(service: Service) -> FastAPI:
    """The application over the parts of a service; tests bring their own clock."""
    intake = Intake(service.database)
    sources = SourceBook(service.database)
    door = DoorLog(service.database)
    for room in LISTENERS:
        room.listen(service.listeners)
    settings = service.settings if isinstance(service.settings, BusSettings) else None
    private_allowed = settings is not None and settings.outbound_private_addresses
    outbound = partial(OutboundClient, private_allowed=private_allowed)
    to_send = asyncio.Event()
    dispatches_listeners.listen(service.listeners, wake=to_send)
    service.background += [
        intake,
        Settler(service.database, intake),
        FetchBack(service.database, sources, intake, client=partial(ApiClient, private_allowed=private_allowed)),
        Replayer(service.database),
        door,
        HealthWatch(service.database),
        CalendarHerald(service.database),
        DeadlineWatch(service.database),
        DispatchSender(service.database, client=outbound, wake=to_send),
        CrmWriter(service.database, client=outbound),
        OutboundGauges(service.database),
    ]
    service.lag_sources.append(partial(deliveries_at_work, service.database))
    erasing_room.attach(service, STEPS)
    if settings is not None:
        service.background.append(RawRetention(service.database, days=settings.raw_delivery_days))
    password = settings.eraser_credential if settings else None
    if password is not None:
        purge = StreamPurge(
            service.database,
            nats_url=service.settings.nats_url,
            password=password,
            missing=missing_of(settings),
        )
        service.background.append(purge)
    bus_app = create_app(service=service, routers=(*ROUTERS, disclosure_router(service, KEPT)))
    bus_app.add_middleware(WebhookLane, prefix=f"{PREFIX}{webhooks.router.prefix}/")
    bus_app.state.bus = parts.Bus(
        database=service.database,
        sources=sources,
        intake=intake,
        door=door,
        public_url=settings.public_url if settings else None,
        may_purge=password is not None,
        settings=settings,
        private_addresses_allowed=private_allowed,
    )
    return bus_app
