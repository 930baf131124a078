"""The webhook door, durable before 202, against an empty route that validates the same body, and an ORM transaction."""

import statistics
from pathlib import Path

from bench.load import Spec
from bench.measuring import Report, Sizes, percentile
from bench.running import department_of, durable_stack, load, server
from conveyor_local.stack import LocalStack

CONNECTIONS = 64


async def measure(report: Report, sizes: Sizes) -> None:
    """Closed-loop throughput with 64 connections, one route after the other, several rounds."""
    async with durable_stack() as stack:
        stack.start_service("handoff-bus")
        async with department_of(stack) as department:
            await department.open_source("bank")
            secret = department.secret_of("bank")
        url = stack.postgres.admin_url.replace("postgresql://", "postgresql+asyncpg://")
        with server("bench.floors:app", env={"BENCH_DATABASE_URL": url}, folder=stack.home) as port:
            await _rounds(report, sizes, stack, secret=secret, floor=port)


async def _rounds(report: Report, sizes: Sizes, stack: LocalStack, *, secret: str, floor: int) -> None:
    ports = {"door": (stack.ports.services["handoff-bus"], "/v1/webhooks/bank")}
    ports |= {name: (floor, f"/{name}") for name in ("typed", "raw", "orm")}
    rates: dict[str, list[float]] = {name: [] for name in ports}
    waits: list[float] = []
    for round_no in range(sizes.repeats):
        for name, (port, path) in ports.items():
            spec = Spec(
                port=port,
                path=path,
                contracts=["C-1"],
                prefix=f"{name}{round_no}-",
                connections=CONNECTIONS,
                seconds=sizes.of(5, 1),
                secret=secret,
            )
            measured = await load(spec, Path(stack.home))
            if measured.refused:
                msg = f"{measured.refused} of {measured.answered} were refused by {name}"
                raise RuntimeError(msg)
            rates[name].append(measured.answered / measured.seconds)
            if name == "door":
                waits.append(1e3 * percentile(measured.latencies, 0.99))
    names = {
        "door": "webhook door, durable before 202",
        "typed": "empty route, typed body",
        "raw": "empty route, raw body",
        "orm": "one ORM transaction per request",
    }
    for name, label in names.items():
        report.add(label, rates[name], "/s")
    report.add("webhook door p99", waits, "ms", better="less")
    report.add("door ÷ empty route", _ratios(rates, "typed"), "×", target=0.7)
    report.add("door ÷ ORM transaction", _ratios(rates, "orm"), "×", target=4.0)


def _ratios(rates: dict[str, list[float]], floor: str) -> list[float]:
    base = statistics.median(rates[floor])
    return [rate / base for rate in rates["door"]]
