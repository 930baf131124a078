"""Patience with what travels by events: somebody may name an object a moment before its fact arrives here."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

T = TypeVar("T")

PATIENCE_SECONDS: Final = 2.0
POLL_SECONDS: Final = 0.05


async def first_found(
    look: Callable[[], Awaitable[T | None]],
    *,
    patience_seconds: float = PATIENCE_SECONDS,
    poll_seconds: float = POLL_SECONDS,
) -> T | None:
    """The first thing that `look` finds within the patience, else None. It looks once at least, and once at the end."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_seconds
    while True:
        found = await look()
        if found is not None or loop.time() >= deadline:
            return found
        await asyncio.sleep(min(poll_seconds, max(0.0, deadline - loop.time())))
