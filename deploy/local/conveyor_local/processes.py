"""Child processes that never outlive us: own session, told to stop when we die, stopped with a deadline."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from conveyor_local.unprivileged import Account

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class UnableToStart(RuntimeError):
    """A part of the local system did not come up; the message says which, why and what to do."""


class PortTaken(UnableToStart):
    """Another program listens on a port we need."""

    def __init__(self, port: int, *, what: str, variable: str) -> None:
        super().__init__(
            f"Port {port} on 127.0.0.1, wanted for {what}, is taken by another program. "
            f"Stop that program or choose another port: {variable}=<port>."
        )


class Child:
    """One running program. `on_parent_death` is the signal it gets from the kernel (Linux) if we are killed."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        account: Account | None = None,
        output: IO[bytes] | int | None = None,
        on_parent_death: signal.Signals = signal.SIGTERM,
        cwd: Path | None = None,
    ) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [str(part) for part in command],
            env=dict(os.environ if env is None else env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output is not None else None,
            start_new_session=True,  # Ctrl-C reaches us alone; we stop the children in order
            preexec_fn=_tie_to_parent(on_parent_death),  # noqa: PLW1509 - one system call between fork and exec
            cwd=cwd,
            **(account.popen_arguments() if account else {}),
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def stdout(self) -> IO[bytes] | None:
        """Its output when it was started with a pipe."""
        return self._process.stdout

    def returncode(self) -> int | None:
        """Its exit code, or None while it runs."""
        return self._process.poll()

    def wait(self, *, seconds: float) -> int:
        """Its exit code. Raises subprocess.TimeoutExpired."""
        return self._process.wait(timeout=seconds)

    def send(self, which: signal.Signals) -> None:
        """Send a signal unless it has ended."""
        with suppress(ProcessLookupError):
            self._process.send_signal(which)

    def send_terminate(self) -> None:
        """Ask it to end, without waiting."""
        self.send(signal.SIGTERM)

    def stop(self, which: signal.Signals = signal.SIGTERM, *, seconds: float = 15) -> None:
        """Ask it to end and wait; kill it after the deadline."""
        if self.returncode() is not None:
            return
        self.send(which)
        try:
            self.wait(seconds=seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL, with whatever it started itself, and wait."""
        below = descendants(self.pid)
        self.send(signal.SIGKILL)
        for pid in below:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        self.wait(seconds=10)
        wait_until(lambda: not any(is_running(pid) for pid in below), seconds=10, what=f"the end of {self.name}")


def _tie_to_parent(which: signal.Signals) -> Callable[[], None] | None:
    """What the child does before exec: ask the kernel for a signal when the thread that started it ends.

    It runs after the change of account, which would clear the request.
    """
    if _LIBC is None:
        return None
    libc, parent = _LIBC, os.getpid()

    def tie() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(which), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return tie


def descendants(pid: int) -> list[int]:
    """The ids of all processes below this one, as far as the system tells (Linux)."""
    try:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return children + [below for child in children for below in descendants(child)]


def is_running(pid: int) -> bool:
    """Whether a process with this id exists and is no zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return not Path("/proc/self").exists()


def wait_until(condition: Callable[[], bool], *, seconds: float, what: str, every_seconds: float = 0.02) -> None:
    """Poll until true. Raises UnableToStart after the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            msg = f"Waited {seconds:g} s in vain for {what}."
            raise UnableToStart(msg)
        time.sleep(every_seconds)


def require_free_port(port: int, *, what: str, variable: str) -> None:
    """Raise PortTaken when somebody listens on the port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free for servers
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as taken:
            raise PortTaken(port, what=what, variable=variable) from taken


def accepts_connections(port: int) -> bool:
    """Whether something listens on the port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
