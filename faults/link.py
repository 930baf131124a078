"""A link between a service and a server that can be cut: a TCP proxy on loopback.

Runs in the loop that opens it. While it is `cut` nobody gets through and who was through is reset; while it is
`stalled` connections stand and nothing passes, as when a packet filter drops everything.
"""

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass, field

CHUNK_BYTES = 64 * 1024
LOOPBACK = "127.0.0.1"
# Linger for zero seconds: closing sends a reset instead of a farewell.
_RESET = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class Link:
    """Forwards `port` to `target_port`, both on loopback; `delay_seconds` is what each piece takes on its way."""

    target_port: int
    port: int = 0
    delay_seconds: float = 0.0
    _server: asyncio.Server | None = None
    _through: asyncio.Event = field(default_factory=asyncio.Event)
    _is_cut: bool = False
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _carriers: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(self) -> None:
        """Begin to listen; `port` is known afterwards."""
        self._through.set()
        self._server = await asyncio.start_server(self._carry, LOOPBACK, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """End everything."""
        if self._server is not None:
            self._server.close()
        self.reset()
        for carrier in self._carriers:
            carrier.cancel()
        await asyncio.gather(*self._carriers, return_exceptions=True)

    def cut(self) -> None:
        """Reset who is through, and let nobody through any more."""
        self._is_cut = True
        self.reset()

    def stall(self) -> None:
        """Connections stand, and nothing passes in either direction."""
        self._through.clear()

    def mend(self) -> None:
        """As if nothing had been: what a stall held back passes now."""
        self._is_cut = False
        self.delay_seconds = 0.0
        self._through.set()

    def reset(self) -> None:
        """Reset every connection that is through now."""
        for writer in self._writers:
            _abort(writer)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._carriers.add(task)
            task.add_done_callback(self._carriers.discard)
        if self._is_cut:
            _abort(writer)
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self.target_port)
        except OSError:
            _abort(writer)
            return
        ends = {writer, far_writer}
        self._writers |= ends
        pumps = [
            asyncio.create_task(self._pump(reader, far_writer)),
            asyncio.create_task(self._pump(far_reader, writer)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            self._writers -= ends
            for each in ends:
                each.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(CHUNK_BYTES):
                await self._through.wait()
                if self.delay_seconds:
                    await asyncio.sleep(self.delay_seconds)
                writer.write(piece)
                await writer.drain()


def _abort(writer: asyncio.StreamWriter) -> None:
    """Close with a reset."""
    opened = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
