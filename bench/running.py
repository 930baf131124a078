"""Processes of a benchmark: load generators, floors, and a system that ends with the measurement."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict
from pathlib import Path

from bench.books import own_folder
from bench.load import Measured, Spec
from conveyor_local.department import Department
from conveyor_local.home import Ports
from conveyor_local.places import CHECKOUT
from conveyor_local.processes import Child, free_port, wait_until
from conveyor_local.stack import LocalStack

LOAD_SECONDS_MAX = 120.0


@asynccontextmanager
async def durable_stack() -> AsyncIterator[LocalStack]:
    """A prepared system on free ports that syncs to disk; no service runs yet."""
    with own_folder() as folder:
        stack = LocalStack(folder / "system", ports=Ports.free())
        await asyncio.to_thread(stack.prepare)
        try:
            yield stack
        finally:
            await asyncio.to_thread(stack.stop)
            await asyncio.to_thread(stack.forget)


def department_of(stack: LocalStack) -> Department:
    """A client of the system."""
    urls = {name: stack.base_url(name) for name in ("handoff-bus", "telemarketing", "closing", "account")}
    return Department(base_urls=urls, token=lambda role, employee_id: stack.token(role, employee_id))


async def load(spec: Spec, folder: Path) -> Measured:
    """Run one generator in a process of its own."""
    path = folder / f"{spec.prefix}.json"
    path.write_text(json.dumps(asdict(spec)))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.load", str(path), stdout=asyncio.subprocess.PIPE, cwd=CHECKOUT
    )
    try:
        async with asyncio.timeout(LOAD_SECONDS_MAX):
            printed, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        raise
    return Measured(**json.loads(printed))


@contextmanager
def server(module: str, *, env: Mapping[str, str], folder: Path) -> Iterator[int]:
    """uvicorn with the settings of the services; gives the port."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", module, "--factory", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--no-server-header"]
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
