"""What nats-py does not tell: a cancellation that it swallows must not make a pull or a keeper stay for ever."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from nats.aio.msg import Msg

from conveyor.kit.messaging import consumer
from conveyor.kit.messaging.pulling import Pull

SECONDS_MAX = 2


class Swallowing:
    """A client, and a message, whose publishing is stuck for a while and swallows a cancellation meanwhile."""

    def __init__(self) -> None:
        self.come: Callable[[Msg], Awaitable[None]] | None = None
        self.publishing = asyncio.Event()

    def new_inbox(self) -> str:
        return "_INBOX_x.1"

    async def subscribe(self, _subject: str, cb: Callable[[Msg], Awaitable[None]]) -> None:
        self.come = cb

    async def publish(self, *_: Any, **__: Any) -> None:
        self.publishing.set()
        try:
            await asyncio.sleep(0.2)
        except asyncio.CancelledError:
            return

    async def in_progress(self) -> None:
        await self.publish()


async def test_a_pull_ends_in_time_though_its_cancellation_was_swallowed() -> None:
    client: Any = Swallowing()
    pull = Pull(client, consumer="telemarketing", batch=10)
    await pull.open()
    await client.come(Msg(client, headers={"Status": "408"}))

    async with asyncio.timeout(SECONDS_MAX):
        assert await pull.next_batch(seconds_max=0.05) == []


async def test_a_keeper_ends_though_its_cancellation_was_swallowed(monkeypatch: Any) -> None:
    monkeypatch.setattr(consumer, "IN_PROGRESS_SECONDS", 0.01)
    message: Any = Swallowing()
    settled = asyncio.Event()
    keeper = asyncio.create_task(consumer._keep_in_hand([message], settled))
    await message.publishing.wait()

    settled.set()
    keeper.cancel()

    async with asyncio.timeout(SECONDS_MAX):
        await asyncio.gather(keeper, return_exceptions=True)
