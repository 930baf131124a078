"""Reading what waits in each service."""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.contracts.registry import SERVICES
from conveyor.kit.http.models import AnswerModel
from conveyor.kit.messaging.connection import Connection
from conveyor.kit.messaging.reading_back import messages_ahead
from handoff_bus.backlogs.outbound import OutboundBacklog
from handoff_bus.backlogs.tables import ReportedBacklog

SILENT_AFTER = timedelta(hours=2)


class ParkedForView(AnswerModel):
    """So many facts wait for a thing of this kind, the first since `oldest_at`."""

    thing: str
    facts: int
    oldest_at: datetime


class Backlog(AnswerModel):
    """What a service said last that it waits for. `is_silent`: it has not reported for two hours, or never.

    `outbox`: facts to publish that wait for more than half a minute. `messages_ahead`: of the stream, not handled yet,
    as the broker says now; null when it does not answer.
    """

    service: str
    is_silent: bool
    messages_ahead: int | None
    reported_at: datetime | None = None
    outbox: int = 0
    outbox_oldest_at: datetime | None = None
    unpublishable: int = 0
    dead_letters: int = 0
    quarantined: int = 0
    missing: int = 0
    parked: tuple[ParkedForView, ...] = ()


class Backlogs(AnswerModel):
    """All services, and what the bus has to tell outside."""

    items: list[Backlog]
    outbound: OutboundBacklog


async def read_backlogs(session: AsyncSession, *, now: datetime) -> list[Backlog]:
    """The newest report of every service, in the order of the line."""
    reports = {report.service: report for report in await session.scalars(select(ReportedBacklog))}
    return [_backlog(service, reports.get(service), now) for service in SERVICES]


async def with_messages_ahead(backlogs: list[Backlog], outbound: OutboundBacklog, connection: Connection) -> Backlogs:
    """The same with what the broker says of each reader now."""
    ahead = await asyncio.gather(*[messages_ahead(connection, each.service) for each in backlogs])
    items = [each.model_copy(update={"messages_ahead": n}) for each, n in zip(backlogs, ahead, strict=True)]
    return Backlogs(items=items, outbound=outbound)


def _backlog(service: str, report: ReportedBacklog | None, now: datetime) -> Backlog:
    if report is None:
        return Backlog(service=service, is_silent=True, messages_ahead=None)
    names = [name for name in Backlog.model_fields if name not in {"is_silent", "messages_ahead"}]
    said = {name: getattr(report, name) for name in names}
    silent = now - report.reported_at > SILENT_AFTER
    return Backlog.model_validate({**said, "is_silent": silent, "messages_ahead": report.consumer})
