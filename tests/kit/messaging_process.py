"""A relay and a consumer in a process of their own, to be killed at a failpoint: `url nats_url password seconds`."""

import asyncio
import sys

from conveyor.contracts.telemarketing import TouchRecorded
from conveyor.kit.clock import SystemClock
from conveyor.kit.database import Database
from conveyor.kit.messaging.connection import Connection
from conveyor.kit.messaging.consumer import Consumer
from conveyor.kit.messaging.events import Listeners
from conveyor.kit.messaging.relay import Relay
from tests.kit.messaging_line import SERVICE, touch, write_effect


async def main(url: str, nats_url: str, password: str) -> None:
    database = Database(url, service=SERVICE, clock=SystemClock())
    connection = Connection(nats_url, service=SERVICE, password=lambda: password)
    listeners = Listeners()
    listeners.on(TouchRecorded, write_effect)
    relay, consumer = Relay(database, connection), Consumer(database, listeners, connection)
    stop = asyncio.Event()
    work = [asyncio.create_task(worker.run(stop)) for worker in (relay, consumer)]
    async with database.transaction() as tx:
        for _ in range(20):
            tx.say(touch())
        await tx.commit()
    async with asyncio.timeout(60):
        while not await consumer.caught_up(seconds_max=1):
            pass
    stop.set()
    await asyncio.gather(*work)
    await connection.close()
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
