"""The directory of one local system: its secrets, its lock, its ports. `CONVEYOR_HOME`, by default `.conveyor`."""

import fcntl
import json
import os
import secrets
import string
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from conveyor_local.databases import RolePasswords
from conveyor_local.nats_permissions import all_users
from conveyor_local.places import SERVICE_PLACES
from conveyor_local.ports import free_port
from conveyor_local.processes import UnableToStart

DEFAULT_POSTGRES_PORT = 8109
DEFAULT_NATS_PORT = 8104


class HomeInUse(UnableToStart):
    """Another run of the local system works in the same directory."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where everything listens on 127.0.0.1; `services` is by service name."""

    postgres: int
    nats: int
    services: Mapping[str, int]

    @classmethod
    def from_environment(cls) -> Self:
        """CONVEYOR_POSTGRES_PORT, CONVEYOR_NATS_PORT and CONVEYOR_<SERVICE>_PORT, else the defaults.

        Raises UnableToStart for a value that is no port.
        """
        return cls(
            postgres=_port("CONVEYOR_POSTGRES_PORT", DEFAULT_POSTGRES_PORT),
            nats=_port("CONVEYOR_NATS_PORT", DEFAULT_NATS_PORT),
            services={place.name: _port(place.variable("PORT"), place.default_port) for place in SERVICE_PLACES},
        )

    @classmethod
    def free(cls) -> Self:
        """Ports that nobody uses now."""
        return cls(
            postgres=free_port(), nats=free_port(), services={place.name: free_port() for place in SERVICE_PLACES}
        )


@dataclass(frozen=True, slots=True)
class Secrets:
    """The passwords of one home, made once."""

    postgres: str
    databases: dict[str, RolePasswords]
    nats: dict[str, str]

    @classmethod
    def of(cls, home: Path) -> Self:
        """Read `secrets.json`, made with mode 0600 when there is none."""
        path = home / "secrets.json"
        if not path.exists():
            made = cls.fresh()
            home.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(".new")
            unfinished.unlink(missing_ok=True)
            unfinished.touch(mode=0o600)
            unfinished.write_text(json.dumps(asdict(made), indent=2))
            unfinished.rename(path)
        stored = json.loads(path.read_text())
        newer = {user.name: new_password() for user in all_users() if user.name not in stored["nats"]}
        if newer:
            stored["nats"] |= newer
            path.write_text(json.dumps(stored, indent=2))
        return cls(
            postgres=stored["postgres"],
            databases={name: RolePasswords(**passwords) for name, passwords in stored["databases"].items()},
            nats=stored["nats"],
        )

    @classmethod
    def fresh(cls) -> Self:
        """New random passwords for every role and user."""
        return cls(
            postgres=new_password(),
            databases={
                place.name: RolePasswords(app=new_password(), migrator=new_password()) for place in SERVICE_PLACES
            },
            nats={user.name: new_password() for user in all_users()},
        )


class HomeLock:
    """Holds a home for one run. Released by the system when the process ends, however it ends."""

    def __init__(self, home: Path) -> None:
        self._path = home / "lock"
        self._file: int | None = None
        self.last_run_was_cut_short = False

    @property
    def is_held(self) -> bool:
        """Whether this run holds it."""
        return self._file is not None

    def acquire(self) -> None:
        """Raise HomeInUse, naming the process, when another run holds it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as held:
            holder = os.read(file, 32).decode() or "unknown"
            os.close(file)
            msg = (
                f"Conveyor already runs in {self._path.parent} (process {holder}). "
                "Stop it, or set CONVEYOR_HOME and the CONVEYOR_…_PORT variables for a second one."
            )
            raise HomeInUse(msg) from held
        self.last_run_was_cut_short = bool(os.read(file, 32))
        os.ftruncate(file, 0)
        os.pwrite(file, str(os.getpid()).encode(), 0)
        self._file = file

    def release(self) -> None:
        """Let go; the empty file says that the run ended in good order."""
        if self._file is not None:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = None


def home_from_environment() -> Path:
    """CONVEYOR_HOME, else `.conveyor` in the working directory; absolute."""
    return Path(os.environ.get("CONVEYOR_HOME") or ".conveyor").resolve()


def new_password() -> str:
    """32 letters and digits that begin with a letter, as the NATS configuration needs it."""
    letters = string.ascii_letters + string.digits
    return secrets.choice(string.ascii_letters) + "".join(secrets.choice(letters) for _ in range(31))


def _port(variable: str, default: int) -> int:
    text = os.environ.get(variable, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        msg = f"{variable} must be a port between 1 and 65535."
        raise UnableToStart(msg)
    return int(text)
