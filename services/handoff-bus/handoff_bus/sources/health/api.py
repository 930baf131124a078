"""How sources do, over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from conveyor.kit.http.auth import Principal, allow
from conveyor.kit.http.models import RequestModel
from handoff_bus.bus import TheBus
from handoff_bus.sources import queries as sources
from handoff_bus.sources.health import queries
from handoff_bus.sources.health.queries import HealthOfSources, SourceHealth
from handoff_bus.sources.health.set_silence_alarm import set_silence_alarm

router = APIRouter(tags=["source-health"])

Reader = Annotated[Principal, Depends(allow("admin", "head", "auditor", "integration"))]
Hours = Annotated[int, Query(ge=1, le=168, description="The stretch of time whose deliveries are counted.")]
HOURS = 24


class SilenceAlarm(RequestModel):
    """Working minutes of silence until the alarm; 0 never raises it, null is what is usual for the kind."""

    after_minutes: Annotated[int, Field(strict=True, ge=0, le=40_000)] | None


@router.get("/source-health")
async def list_health(bus: TheBus, _: Reader, hours: Hours = HOURS) -> HealthOfSources:
    """How every source does: its last delivery, its errors, what waits, and whether it fell silent."""
    async with bus.database.reading() as session:
        found = await queries.all_sources(session)
        return await queries.health_of(session, found, now=bus.database.clock.now(), hours=hours)


@router.get("/sources/{source_id}/health")
async def get_health(source_id: UUID, bus: TheBus, _: Reader, hours: Hours = HOURS) -> SourceHealth:
    """How one source does."""
    async with bus.database.reading() as session:
        source = await sources.find_source(session, source_id=source_id)
        seen = await queries.health_of(session, [source], now=bus.database.clock.now(), hours=hours)
    return seen.items[0]


@router.put("/sources/{source_id}/silence-alarm")
async def put_silence_alarm(
    source_id: UUID, alarm: SilenceAlarm, bus: TheBus, _: Annotated[Principal, Depends(allow("admin", "head"))]
) -> SourceHealth:
    """After how much silence in working hours an alarm is raised for this source."""
    return await set_silence_alarm(bus.database, source_id=source_id, minutes=alarm.after_minutes, hours=HOURS)
