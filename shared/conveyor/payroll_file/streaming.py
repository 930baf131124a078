"""A file out of pages of rows, in pieces that are kept as they come: memory stays the same whatever the length."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from conveyor.payroll_file.rows import FileRow

CHUNK_BYTES = 1024 * 1024

Pages = AsyncIterator[Sequence[FileRow]]
Keep = Callable[[int, bytes], Awaitable[None]]


class Form(Protocol):
    """Turns rows into the bytes of one form of the file."""

    def write(self, rows: Sequence[FileRow]) -> bytes:
        """The bytes that are ready after these rows."""
        ...

    def finish(self) -> Iterator[bytes]:
        """The rest, in pieces."""
        ...

    def close(self) -> None:
        """Let go what is held."""
        ...


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the control hash as lower-case hex, the length, and in how many chunks it was kept."""

    sha256: str
    size_bytes: int
    chunks: int


class _Chunks:
    """Cuts bytes into chunks of one size, numbered from 1, and hashes them."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep
        self._waiting = bytearray()
        self._hash = hashlib.sha256()
        self._size_bytes = 0
        self._kept = 0

    async def add(self, content: bytes) -> None:
        self._hash.update(content)
        self._size_bytes += len(content)
        self._waiting += content
        while len(self._waiting) >= CHUNK_BYTES:
            await self._keep_one()

    async def end(self) -> Written:
        while self._waiting:
            await self._keep_one()
        return Written(self._hash.hexdigest(), self._size_bytes, self._kept)

    async def _keep_one(self) -> None:
        self._kept += 1
        await self._keep(self._kept, bytes(self._waiting[:CHUNK_BYTES]))
        del self._waiting[:CHUNK_BYTES]


async def write_file(pages: Pages, form: Form, *, keep: Keep) -> Written:
    """Write all pages; `keep` is given each chunk with its number. The form is closed afterwards.

    The work on bytes is done in a thread, so that a long file does not stop everybody else's requests.
    """
    chunks = _Chunks(keep)
    try:
        async for rows in pages:
            await chunks.add(await asyncio.to_thread(form.write, rows))
        rest = form.finish()
        while (piece := await asyncio.to_thread(next, rest, None)) is not None:
            await chunks.add(piece)
    finally:
        await asyncio.to_thread(form.close)
    return await chunks.end()
