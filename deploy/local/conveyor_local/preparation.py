"""Steps before the services start: migrations of all databases at once, the stream and its consumers."""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from typing import IO

from conveyor_local.places import CHECKOUT, POSTGRES, ServicePlace
from conveyor_local.processes import Child, UnableToStart


class Job:
    """A program that runs to its end; its output is shown only when it fails."""

    def __init__(self, name: str, *, module: str, env: Mapping[str, str]) -> None:
        self.name = name
        self._output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the job
        self._child = Child(name, [sys.executable, "-m", module], env=os.environ | env, output=self._output)

    def finish(self, *, seconds: float) -> None:
        """Wait for a good end. Raises UnableToStart with the output otherwise."""
        try:
            code = self._child.wait(seconds=seconds)
        except subprocess.TimeoutExpired as late:
            msg = f"{self.name} did not end in time:\n{self._said()}"
            raise UnableToStart(msg) from late
        if code != 0:
            msg = f"{self.name} failed (exit code {code}):\n{self._said()}"
            raise UnableToStart(msg)

    def close(self) -> None:
        """Kill it if it still runs."""
        if self._child.returncode() is None:
            self._child.kill()
        self._output.close()

    def _said(self) -> str:
        self._output.seek(0)
        return self._output.read().decode(errors="replace")


def migration(place: ServicePlace, url: str) -> Job:
    """Brings one service's database to its newest tables."""
    return Job(
        f"The migration of {place.name}", module=f"{place.package}.migrate", env={place.variable("MIGRATION_URL"): url}
    )


def provisioning(*, nats_url: str, password: str, monitor_url: str | None = None, replicas: int = 1) -> Job:
    """Makes the stream and the consumers, or checks that they are as they must be."""
    env = {"CONVEYOR_NATS_URL": nats_url, "CONVEYOR_NATS_PROVISIONER_PASSWORD": password}
    env["CONVEYOR_STREAM_REPLICAS"] = str(replicas)
    if monitor_url:
        env["CONVEYOR_NATS_MONITOR_URL"] = monitor_url
    return Job("Provisioning the stream", module="conveyor.kit.messaging.provisioning", env=env)


def fingerprint() -> str:
    """Changes with everything that preparation depends on: migrations, how they run, the stream, roles."""
    files = [
        *(CHECKOUT / "services").glob("*/migrations/versions/*.py"),
        *(CHECKOUT / "shared" / "conveyor").glob("*/migrations/**/*.py"),
        *(CHECKOUT / "shared" / "conveyor" / "kit" / "messaging").glob("provisioning.py"),
        *POSTGRES.glob("*.sql"),
    ]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.relative_to(CHECKOUT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def finish(jobs: Iterable[Job], *, seconds: float = 120) -> None:
    """Wait for all, which run at the same time. Raises UnableToStart for the first that failed; none is left behind."""
    started = list(jobs)
    deadline = time.monotonic() + seconds
    try:
        for job in started:
            job.finish(seconds=max(0.1, deadline - time.monotonic()))
    finally:
        for job in started:
            job.close()
