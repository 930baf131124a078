"""The services' logs: each line with the name of the service before it, in its colour on a terminal."""

import os
import selectors
import sys
import threading
from typing import IO, TextIO

_COLOURS = ("36", "32", "33", "35", "34", "31")
_CHUNK_BYTES = 64 * 1024


class LogStreams:
    """Copies the output of children to one stream, line by line, from a thread of its own."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._coloured = out.isatty() and "NO_COLOR" not in os.environ
        self._selector = selectors.DefaultSelector()
        self._unfinished: dict[str, bytes] = {}
        self._names: list[str] = []
        self._wake_read, self._wake_write = os.pipe()
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)
        self._guard = threading.Lock()
        self._thread = threading.Thread(target=self._copy, name="logs", daemon=True)
        self._thread.start()

    def follow(self, name: str, stream: IO[bytes]) -> None:
        """Copy this stream until it ends."""
        with self._guard:
            if name not in self._names:
                self._names.append(name)
            self._selector.register(stream, selectors.EVENT_READ, (name, stream))
        os.write(self._wake_write, b"+")

    def close(self) -> None:
        """Print what is left and end the thread."""
        os.write(self._wake_write, b".")
        self._thread.join(timeout=5)

    def _copy(self) -> None:
        ending = False
        while not (ending and len(self._selector.get_map()) <= 1):
            ready = self._selector.select(timeout=2.0)
            if ending and not ready:
                return
            for key, _ in ready:
                if key.data is None:
                    ending = ending or b"." in os.read(self._wake_read, 64)
                else:
                    self._read(*key.data)

    def _read(self, name: str, stream: IO[bytes]) -> None:
        chunk = os.read(stream.fileno(), _CHUNK_BYTES)
        if not chunk:
            with self._guard:
                self._selector.unregister(stream)
            stream.close()
        *lines, rest = (self._unfinished.pop(name, b"") + chunk).split(b"\n")
        if rest and chunk:
            self._unfinished[name] = rest
        elif rest:
            lines.append(rest)
        for line in lines:
            self._out.write(f"{self._prefix(name)} {line.decode(errors='replace')}\n")
        self._out.flush()

    def _prefix(self, name: str) -> str:
        padded = f"{name:>13} |"
        if not self._coloured:
            return padded
        return f"\x1b[{_COLOURS[self._names.index(name) % len(_COLOURS)]}m{padded}\x1b[0m"
