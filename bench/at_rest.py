"""How long the whole system takes to start, and the memory of each process at rest and after load.

Memory is the proportional share (PSS): pages that several processes share, such as PostgreSQL's buffers, count once.
"""

import asyncio
from pathlib import Path

from bench.books import own_folder
from bench.flow import all_taken, payments_to, win_clients
from bench.measuring import Report, Sizes, stopwatch
from bench.running import load, memory_mib
from conveyor_local.home import Ports
from conveyor_local.stack import LocalStack

STAGES = ("telemarketing", "closing", "account")
START_SECONDS_MAX = 10.0
PAYMENTS_OF_AN_HOUR = 14_400
"""A thousand people have 100,000 payments a month, 0.04 a second; this is an hour at a hundred times that."""

PARTS = 4
"""So that the door is not far ahead of the stages, which would then wait longer than anybody's patience."""


async def measure(report: Report, sizes: Sizes) -> None:
    """Start, stop and start again, look, pay, look again."""
    with own_folder() as folder:
        stack = LocalStack(folder / "system", ports=Ports.free())
        try:
            with stopwatch() as first:
                await asyncio.to_thread(stack.start)
            await asyncio.to_thread(stack.stop)
            with stopwatch() as second:
                await asyncio.to_thread(stack.start)
            report.add("ready the first time, everything installed", [first.wall], "s", better="less")
            report.add("ready the second time", [second.wall], "s", target=START_SECONDS_MAX, better="less")
            _look(report, stack, "at rest")
            number = sizes.of(PAYMENTS_OF_AN_HOUR, 100)
            await _pay(stack, clients=sizes.of(50, 4), number=number)
            _look(report, stack, f"after an hour's {number} payments")
        finally:
            await asyncio.to_thread(stack.stop)
            await asyncio.to_thread(stack.forget)


async def _pay(stack: LocalStack, *, clients: int, number: int) -> None:
    secret, contracts = await win_clients(stack, clients)
    for part in range(PARTS):
        spec = payments_to(stack, secret, contracts, f"rest{part}-", seconds=100, number=number // PARTS)
        measured = await load(spec, Path(stack.home))
        for stage in STAGES:
            await all_taken(stack, stage, spec.prefix, measured.answered)


def _look(report: Report, stack: LocalStack, when: str) -> None:
    pids = {service.place.name: service.pid for service in stack.services}
    pids |= {"postgres": stack.postgres.pid, "nats": stack.nats.pid}
    for name, pid in pids.items():
        if pid is not None:
            report.add(f"memory of {name} {when}", [memory_mib(pid)], "MiB", better="less")
