"""One service as a process: uvicorn with the factory of its main module."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from conveyor_local.logs import LogStreams
from conveyor_local.places import DEPLOY, ServicePlace
from conveyor_local.processes import Child, UnableToStart, require_free_port

SERVING = (
    *("--timeout-graceful-shutdown", "10"),
    # Longer than a gateway or client keeps an idle connection (60 seconds as a rule). Whoever sends must be the one to
    # end it: a request that meets a server ending it is lost without an answer.
    *("--timeout-keep-alive", "75"),
    *("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--no-server-header"),
    # An empty logging configuration: uvicorn's records go through the service's own log.
    *("--log-config", str(DEPLOY / "uvicorn-logging.json")),
)
"""How uvicorn serves, here and in the image (deploy/Dockerfile)."""

# Loopback is never reached through a proxy.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ServiceProcess:
    """A service on a port of 127.0.0.1. Its log goes to `logs` if given, else to a file in `home`."""

    def __init__(
        self, place: ServicePlace, *, port: int, home: Path, env: Mapping[str, str], logs: LogStreams | None
    ) -> None:
        self.place = place
        self.port = port
        self._env = env
        self._logs = logs
        self._log_path = home / f"{place.name}.log"
        self._child: Child | None = None

    @property
    def base_url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process id while it is meant to run."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Start without waiting. Raises PortTaken."""
        require_free_port(self.port, what=self.place.name, variable=self.place.variable("PORT"))
        if self._logs is not None:
            self._child = self._launch(subprocess.PIPE)
            if self._child.stdout is not None:
                self._logs.follow(self.place.name, self._child.stdout)
        else:
            with self._log_path.open("ab") as log:
                self._child = self._launch(log)

    def is_ready(self) -> bool:
        """Whether /readyz says so. Raises UnableToStart when the process has ended."""
        self.require_running()
        try:
            with _DIRECT.open(f"{self.base_url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def require_running(self) -> None:
        """Raise UnableToStart, with the end of its log, when it ended by itself."""
        code = self._child.returncode() if self._child else None
        if code is not None:
            msg = f"{self.place.name} ended by itself (exit code {code}).{self._log_end()}"
            raise UnableToStart(msg)

    def ask_to_stop(self) -> None:
        """SIGTERM, without waiting."""
        if self._child is not None:
            self._child.send_terminate()

    def stop(self, *, seconds: float = 20) -> None:
        """Stop in good order; killed after the deadline."""
        if self._child is not None:
            self._child.stop(seconds=seconds)
            self._child = None

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _launch(self, output: IO[bytes] | int) -> Child:
        command = [sys.executable, "-m", "uvicorn", f"{self.place.package}.main:app", "--factory"]
        command += ["--host", "127.0.0.1", "--port", str(self.port), *SERVING]
        return Child(self.place.name, command, env=os.environ | self._env | {"PYTHONUNBUFFERED": "1"}, output=output)

    def _log_end(self) -> str:
        if self._logs is not None or not self._log_path.exists():
            return ""
        return " Its log:\n" + "\n".join(self._log_path.read_text(errors="replace").splitlines()[-30:])
