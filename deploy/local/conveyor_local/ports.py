"""Ports of 127.0.0.1 for servers that a process starts for itself: tests, benchmarks, quarters in trouble.

A server binds its port some seconds after it was chosen, and leaves it free while it is down. So each process has a
stretch of its own, locked as long as it lives, and gives out one port after another.
"""

import fcntl
import itertools
import os
import socket
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import gettempdir

# Linux takes ports for outgoing connections from 32768 on, other systems from 49152.
_FIRST = 20_000
_LENGTH = 200
_STRETCHES = 60

_turns = itertools.count()


def free_port() -> int:
    """A port on which nobody listens now, which no other process is given, and this one not soon again.

    Raises OSError when there is none.
    """
    first = _FIRST + _own_stretch() * _LENGTH
    for turn in itertools.islice(_turns, _LENGTH):
        port = first + turn % _LENGTH
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free for servers
            probe.bind(("127.0.0.1", port))
            return port
    msg = f"of the ports {first} to {first + _LENGTH - 1} none is free"
    raise OSError(msg)


@cache
def _own_stretch() -> int:
    folder = Path(gettempdir()) / f"conveyor-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    for number in range(_STRETCHES):
        descriptor = os.open(folder / str(number), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            # Held, by the open file, until the process ends.
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
        else:
            return number
    msg = f"all {_STRETCHES} stretches of ports are held by other processes; they are locked in {folder}"
    raise OSError(msg)
