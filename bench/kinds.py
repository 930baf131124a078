"""The webhook door for every kind of source, durable before its answer, against an empty route for the same body."""

from pathlib import Path

from bench.child import told_by
from bench.kind_load import Hits, Volley
from bench.measuring import Report, Sizes
from bench.running import department_of, durable_stack, server
from bench.senders.every_kind import SENDERS
from conveyor_local.stack import LocalStack

CONNECTIONS = 32
SECONDS_MAX = 60.0


async def measure(report: Report, sizes: Sizes) -> None:
    """Closed-loop throughput and latency of each kind, right after those of the empty route."""
    async with durable_stack() as stack:
        stack.start_service("handoff-bus")
        await _open_sources(stack)
        url = stack.postgres.admin_url.replace("postgresql://", "postgresql+asyncpg://")
        with server("bench.floors:app", env={"BENCH_DATABASE_URL": url}, folder=stack.home) as port:
            for kind in SENDERS:
                await _measure_kind(kind, report, sizes, stack, floor=port)


async def _open_sources(stack: LocalStack) -> None:
    async with department_of(stack) as department:
        for kind, sender in SENDERS.items():
            settings = {"secret": sender.secrets[0], **sender.settings}
            source = {"name": kind, "kind": kind, "settings": settings}
            await department.do("handoff-bus", "/sources", source, role="admin")


async def _measure_kind(kind: str, report: Report, sizes: Sizes, stack: LocalStack, *, floor: int) -> None:
    door, folder = stack.ports.services["handoff-bus"], Path(stack.home)
    seconds, number = sizes.of(2, 1), sizes.of(10_000, 300)
    rates, waits, slower = [], [], []
    for round_no in range(sizes.repeats):
        first = 1 + round_no * number
        empty = await _fired(folder, Volley(kind, floor, f"/typed/{kind}", first, number, CONNECTIONS, seconds))
        hits = await _fired(folder, Volley(kind, door, f"/v1/webhooks/{kind}", first, number, CONNECTIONS, seconds))
        rates.append(hits.answered / hits.seconds / (empty.answered / empty.seconds))
        slower.append(hits.slowest / empty.slowest)
        waits.append(1e3 * hits.slowest)
    report.add(f"{kind} ÷ empty route", rates, "×")
    report.add(f"{kind} p99 ÷ empty route's", slower, "×", better="less")
    report.add(f"{kind} p99", waits, "ms", better="less")


async def _fired(folder: Path, volley: Volley) -> Hits:
    hits = await told_by("bench.kind_load", volley, Hits, folder=folder, name="volley", seconds_max=SECONDS_MAX)
    if hits.refused:
        msg = f"{hits.refused} of {hits.answered} deliveries of {volley.kind} were refused"
        raise RuntimeError(msg)
    return hits
