"""Is it alive, may it take traffic, what has piled up."""

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from conveyor.kit.http.auth import ROLES, Principal, allow
from conveyor.kit.http.models import AnswerModel
from conveyor.kit.refusals import Refusal

if TYPE_CHECKING:
    from conveyor.kit.service import Service

probes = APIRouter(tags=["probes"], include_in_schema=False)
lag = APIRouter(tags=["operations"])

REMEMBERED_SECONDS = 1.0
CHECK_SECONDS_MAX = 2.0
UNKNOWN = -1


class Alive(AnswerModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(AnswerModel):
    """`ready` follows the database alone: webhooks and reads are served while the broker is down.

    `waits_for` names what has to be done first: `erasures` in a database that was restored from a copy.
    """

    ready: bool
    stopping: bool
    database: Literal["ok", "down"]
    broker: Literal["ok", "down"]
    waits_for: list[str]


class Lag(AnswerModel):
    """What waits. All zero when the service is at rest; -1 when the broker does not say.

    `outbox`: facts committed and not yet published; `consumer`: facts of the stream not yet handled; `parked`: what
    waits for something unknown.
    """

    outbox: int
    consumer: int
    parked: int


class ReadinessCheck:
    """Asks the database at most once a second, however many probes and balancers ask here."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._checked_at: float | None = None
        self._database_is_up = False
        self._waits_for: list[str] = []
        self._lock = asyncio.Lock()

    async def __call__(self) -> Readiness:
        """The present state."""
        async with self._lock:
            now = time.monotonic()
            if self._checked_at is None or now - self._checked_at > REMEMBERED_SECONDS:
                self._database_is_up = await self._service.database_is_up(seconds_max=CHECK_SECONDS_MAX)
                self._waits_for = await self._ask_gates() if self._database_is_up else []
                self._checked_at = time.monotonic()
        stopping = self._service.stopping.is_set()
        return Readiness(
            ready=self._database_is_up and not stopping and not self._waits_for,
            stopping=stopping,
            database="ok" if self._database_is_up else "down",
            broker="ok" if self._service.broker_is_up() else "down",
            waits_for=self._waits_for,
        )

    async def _ask_gates(self) -> list[str]:
        try:
            return await self._service.closed_gates()
        except Refusal:  # the database went away in between
            self._database_is_up = False
            return []


@probes.get("/healthz")
async def healthz() -> Alive:
    """Whether the process answers; asks nothing of anybody."""
    return Alive()


@probes.get("/readyz")
async def readyz(request: Request, response: Response) -> Readiness:
    """Whether the service may take traffic: 503 when the database is down, restored, or the service is stopping."""
    check: ReadinessCheck = request.app.state.readiness
    readiness = await check()
    response.status_code = 200 if readiness.ready else 503
    return readiness


@probes.get("/metrics")
async def metrics() -> Response:
    """Figures for Prometheus."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@lag.get("/lag")
async def read_lag(request: Request, _: Annotated[Principal, Depends(allow(*sorted(ROLES)))]) -> Lag:
    """What waits in this service; any role may ask."""
    service: Service = request.app.state.service
    return Lag(**sum_of([await source() for source in service.lag_sources]))


def sum_of(counts: list[Mapping[str, int]]) -> dict[str, int]:
    """The sources' counts added up by name; a name nobody counts is 0, an unknown part makes the sum unknown."""
    total = dict.fromkeys(Lag.model_fields, 0)
    for source in counts:
        for name, count in source.items():
            total[name] = UNKNOWN if UNKNOWN in {total[name], count} else total[name] + count
    return total
