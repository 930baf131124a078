"""Whatever headers a service gives its messages, nobody who hears it stops."""

from collections.abc import AsyncIterator

import pytest

from conveyor_local.nats import EmbeddedNats
from tests.kit.messaging_line import Line, a_line, client_of, eventually, touch
from tests.servers import FreshDatabase

SUBJECT = "conveyor.telemarketing.touch_recorded.v1.x"


@pytest.fixture
async def line(empty_database: FreshDatabase, provisioned_nats: EmbeddedNats) -> AsyncIterator[Line]:
    async with a_line(empty_database, provisioned_nats) as made:
        yield made


@pytest.mark.parametrize(
    "headers",
    [
        b"NATS/1.0\r\nStatus: 404\r\nNats-Pending-Messages: many\r\n\r\n",
        b"NATS/1.0 404\r\n\r\n",
        b"NATS/1.0 \xff\xfe\xfd\r\n\r\n",
        b"NATS/1.0",
    ],
    ids=["the broker's own", "a status line", "no text", "too short"],
)
async def test_a_message_is_set_aside_and_the_rest_goes_on(line: Line, headers: bytes) -> None:
    async with client_of(line.nats, "telemarketing") as client:
        # Past the client library, which would not write most of these.
        size = len(headers)
        await client._send_command(f"HPUB {SUBJECT} {size} {size}\r\n".encode() + headers + b"\r\n")
        await client.flush()
    ids = await line.say(touch())
    line.start()

    await eventually(lambda: _count_is(line, "quarantined_messages", 1))

    await eventually(lambda: line.consumer.caught_up(seconds_max=0.1))
    assert await line.effects() == ids


async def _count_is(line: Line, table: str, count: int) -> bool:
    return await line.count(table) == count
