"""Processes of a benchmark: load generators, floors, and a system that ends with the measurement."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from bench.books import own_folder
from bench.child import told_by
from bench.load import Measured, Spec
from conveyor_local.department import Department
from conveyor_local.home import Ports
from conveyor_local.places import CHECKOUT
from conveyor_local.ports import free_port
from conveyor_local.processes import Child, wait_until
from conveyor_local.service_process import SERVING
from conveyor_local.stack import LocalStack

EXTRAS = CHECKOUT / ".venv" / "bench"
"""bench/requirements.lock as `make bench` installs it, beside the project's own environment."""


def with_extras() -> dict[str, str]:
    """The environment of a process that may import what only benchmarks need."""
    return os.environ | {"PYTHONPATH": str(EXTRAS)}


@asynccontextmanager
async def durable_stack(*, durable: bool = True) -> AsyncIterator[LocalStack]:
    """A prepared system on free ports that syncs to disk, unless told not to; no service runs yet."""
    with own_folder() as folder:
        stack = LocalStack(folder / "system", ports=Ports.free(), durable=durable)
        await asyncio.to_thread(stack.prepare)
        try:
            yield stack
        finally:
            await asyncio.to_thread(stack.stop)
            await asyncio.to_thread(stack.forget)


def department_of(stack: LocalStack) -> Department:
    """A client of the system."""
    urls = {name: stack.base_url(name) for name in ("handoff-bus", "telemarketing", "closing", "account")}
    return Department(base_urls=urls, token=stack.token)


async def load(spec: Spec, folder: Path) -> Measured:
    """Run one generator in a process of its own."""
    return await told_by("bench.load", spec, Measured, folder=folder, name=spec.prefix)


@contextmanager
def server(module: str, *, env: Mapping[str, str], folder: Path) -> Iterator[int]:
    """Uvicorn with the settings of the services; gives the port."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        module,
        "--factory",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        *SERVING,
    ]
    with (folder / "floor.log").open("ab") as log:
        child = Child("floor", command, env={**os.environ, **env}, output=log, cwd=CHECKOUT)
    try:
        wait_until(lambda: _answers(port), seconds=20, what="the floor to listen", every_seconds=0.1)
        yield port
    finally:
        child.stop(seconds=10)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def processor_seconds(pid: int) -> float:
    """What a process and its living and ended children have used so far; Linux."""
    ticks = os.sysconf("SC_CLK_TCK")
    return sum(_own_ticks(each) for each in _family(pid)) / ticks


def memory_mib(pid: int) -> float:
    """The proportional memory of a process and its living children; Linux."""
    return sum(_own_kib(each) for each in _family(pid)) / 1024


def _own_kib(pid: int) -> int:
    with suppress(OSError):
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return int(rollup.partition("\nPss:")[2].split()[0])
    return 0


def _family(pid: int) -> Iterator[int]:
    yield pid
    for place in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in place.read_text().split():
            yield from _family(int(child))


def _own_ticks(pid: int) -> int:
    with suppress(OSError):
        # After the name in brackets: utime, stime, and those of ended children.
        return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return 0
