"""Reads that people wait for, through HTTP on the real services, at 10,000, 100,000 and 1,000,000 leads.

One caller after another, so that a figure is how long a person waits and not how long a queue is. A read is flat when
its p99 at the last size is at most one and a half times that at the first.
"""

import asyncio
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from uuid import UUID
from zoneinfo import ZoneInfo

from bench.growth.fill import Extent, fill, owner_session
from bench.load import Connection
from bench.measuring import Point, Report, Sizes, percentile, stopwatch
from bench.running import department_of, durable_stack, processor_seconds
from conveyor.kit.calendar import Month
from conveyor.kit.clock import SystemClock
from conveyor_local.stack import LocalStack

SERVICES = ("telemarketing", "closing", "account", "handoff-bus")
EXTENTS = (Extent(20, 5), Extent(50, 20), Extent(200, 50))
SHORT = (Extent(2, 5), Extent(4, 6))
GROWTH_MAX = 1.5
WARM_UP = 30
PLOT_P99 = "reads, p99, against leads"
PLOT_COST = "reads, processor time, against leads"
MOSCOW = ZoneInfo("Europe/Moscow")
# The leases of one round are over when the next begins.
_END_LEASES = "UPDATE telemarketing_leads SET leased_until = NULL WHERE leased_until IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Read:
    """One kind of read: who asks which service for what. `{lead}` is a client's id, `{month}` and the like months."""

    name: str
    service: str
    role: str
    path: str
    method: str = "GET"


READS = (
    Read("queue: the next lead", "telemarketing", "sdr", "/v1/queue/next", "POST"),
    Read("board: my leads in work", "telemarketing", "sdr", "/v1/leads?state=in_work"),
    Read("board: leads at closing, of all", "telemarketing", "head", "/v1/leads?state=at_closing"),
    Read("board: my open deals", "closing", "ae", "/v1/deals?state=open"),
    Read("board: open deals of all", "closing", "head", "/v1/deals?state=open"),
    Read("board: handoffs offered to me", "closing", "ae", "/v1/handoffs?state=offered"),
    Read("board: handoffs offered, of all", "handoff-bus", "head", "/v1/handoffs?state=offered"),
    Read("board: my clients", "account", "am", "/v1/clients"),
    Read("journey of a client", "handoff-bus", "head", "/v1/journeys/{lead}"),
    Read("my bonuses, this month: SDR", "telemarketing", "sdr", "/v1/bonuses?period={month}"),
    Read("my bonuses, this month: AE", "closing", "ae", "/v1/bonuses?period={month}"),
    Read("my bonuses, this month: AM", "account", "am", "/v1/bonuses?period={month}"),
    Read("my bonuses, a quarter's last month: AM", "account", "am", "/v1/bonuses?period={quarter_end}"),
    Read("my bonuses, a closed month: AE", "closing", "ae", "/v1/bonuses?period={closed}"),
)


@dataclass(slots=True)
class Callers:
    """Who is there to ask, and about what; the same seed asks the same."""

    stack: LocalStack
    people: Mapping[str, Sequence[UUID]]
    clients: Sequence[str]
    months: Mapping[str, str]
    _tokens: dict[tuple[str, UUID | None], str] = field(default_factory=dict)
    _random: random.Random = field(default_factory=lambda: random.Random(5))  # noqa: S311 - data of a benchmark

    def requests(self, read: Read, number: int) -> Iterator[bytes]:
        """So many requests, each of somebody else."""
        for _ in range(number):
            path = read.path.format(lead=self._random.choice(self.clients), **self.months)
            employee = self._random.choice(self.people[read.role]) if read.role in self.people else None
            yield (
                f"{read.method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 0\r\n"
                f"authorization: Bearer {self._token(read.role, employee)}\r\n\r\n"
            ).encode()

    def _token(self, role: str, employee: UUID | None) -> str:
        found = self._tokens.get((role, employee))
        if found is None:
            found = self._tokens[role, employee] = self.stack.token(role, employee)
        return found


@dataclass(frozen=True, slots=True)
class Place:
    """One system of a size, with who asks it."""

    leads: int
    stack: LocalStack
    callers: Callers


async def measure(report: Report, sizes: Sizes) -> None:
    """Systems of all sizes side by side, so that whatever else the machine does meets all of them alike."""
    extents = SHORT if sizes.short else EXTENTS
    async with AsyncExitStack() as stacks:
        places = []
        for extent in extents:
            stack = await stacks.enter_async_context(durable_stack(durable=False))
            places.append(await _filled(report, stack, extent))
        for read in READS:
            await _compare(report, sizes, places, read)


async def _filled(report: Report, stack: LocalStack, extent: Extent) -> Place:
    # The bus announces the first calendar when it starts, and a calendar makes every stage evaluate all of its leads.
    await _start(stack)
    async with department_of(stack) as department:
        await department.rest()
    for service in SERVICES:
        await asyncio.to_thread(stack.stop_service, service)
    with stopwatch() as watch:
        await fill(stack, extent)
    report.add(f"filled with {extent.leads} leads", [watch.wall], "s", better="less")
    await _start(stack)
    return Place(extent.leads, stack, await _callers(stack))


async def _start(stack: LocalStack) -> None:
    await asyncio.gather(*(asyncio.to_thread(stack.start_service, service) for service in SERVICES))


async def _compare(report: Report, sizes: Sizes, places: Sequence[Place], read: Read) -> None:
    """Rounds of all sizes in turn; the figures of each, and the ratios of the last to the first."""
    measured = [Measured() for _ in places]
    for turn in range(sizes.repeats + 1):
        number = sizes.of(200, 10) if turn else sizes.of(WARM_UP, 5)
        for place, found in zip(places, measured, strict=True):
            await _round(place, read, number, found if turn else Measured())
    for place, found in zip(places, measured, strict=True):
        label = f"{read.name}, {place.leads} leads"
        report.add(f"{label}, p50", found.middle, "ms", better="less")
        report.add(f"{label}, p99", found.slow, "ms", better="less", point=Point(PLOT_P99, read.name, place.leads))
        cost = Point(PLOT_COST, read.name, place.leads)
        report.add(f"{label}, processor of service and PostgreSQL", found.spent, "ms", better="less", point=cost)
    first, last = measured[0], measured[-1]
    span = f"at {places[-1].leads} ÷ {places[0].leads}"
    report.add(f"{read.name}: p99 {span}", ratios(last.slow, first.slow), "×", target=GROWTH_MAX, better="less")
    report.add(f"{read.name}: processor {span}", ratios(last.spent, first.spent), "×", better="less")


@dataclass(slots=True)
class Measured:
    """Of each round the two percentiles and the processor time of a read, in milliseconds."""

    middle: list[float] = field(default_factory=list)
    slow: list[float] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)


def ratios(of: Sequence[float], to: Sequence[float]) -> list[float]:
    """Round by round: what happened beside one of them happened beside the other."""
    return [mine / other for mine, other in zip(of, to, strict=True)]


async def _round(place: Place, read: Read, number: int, found: Measured) -> None:
    if read.method == "POST":
        await _end_leases(place.stack)
    before = _processor_seconds(place.stack, read.service)
    waited = await _waits(place.stack.ports.services[read.service], place.callers.requests(read, number))
    found.spent.append(1e3 * (_processor_seconds(place.stack, read.service) - before) / number)
    found.middle.append(1e3 * percentile(waited, 0.5))
    found.slow.append(1e3 * percentile(waited, 0.99))


async def _waits(port: int, requests: Iterator[bytes]) -> list[float]:
    """How long each answer took. Raises RuntimeError for one that is no answer to a reader."""
    _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
    waited = []
    for request in requests:
        since = time.perf_counter()
        status = await connection.ask(request)
        waited.append(time.perf_counter() - since)
        if status != 200:
            msg = f"{status} for {request.partition(b' HTTP')[0].decode()}"
            raise RuntimeError(msg)
    connection.close()
    return waited


def _processor_seconds(stack: LocalStack, name: str) -> float:
    pids = [service.pid for service in stack.services if service.place.name == name]
    return sum(processor_seconds(pid) for pid in (*pids, stack.postgres.pid) if pid is not None)


async def _end_leases(stack: LocalStack) -> None:
    session = await owner_session(stack, "telemarketing")
    await session.execute(_END_LEASES)
    await session.close()


async def _callers(stack: LocalStack) -> Callers:
    session = await owner_session(stack, "account")
    rows = await session.fetch("SELECT employee_id, role FROM roster_employees ORDER BY payroll_number")
    clients = await session.fetch("SELECT lead_id::text FROM clients ORDER BY lead_id")
    await session.close()
    month = Month.of(SystemClock().now().astimezone(MOSCOW).date())
    ends = month if month == month.quarter.last_month else month.quarter.first_month.plus(-1)
    months: dict[str, Month] = {"month": month, "quarter_end": ends, "closed": month.plus(-4)}
    return Callers(
        stack=stack,
        people={role: [row["employee_id"] for row in rows if row["role"] == role] for role in ("sdr", "ae", "am")},
        clients=[row["lead_id"] for row in clients],
        months={name: str(value) for name, value in months.items()},
    )
