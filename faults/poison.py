"""What the broker may be given that must have no effect: messages that are no facts, and old ones once more.

Everything goes past the relays, under the users of the services, as a program gone wrong would do it.
"""

import hashlib
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import nats
import nats.errors
import nats.js.errors
from nats.aio.client import Client

from conveyor.kit.ids import new_id
from conveyor.kit.messaging.regression import STREAM
from conveyor_local.department import SERVICES
from faults.linked_stack import LinkedStack

PUBLISH_SECONDS_MAX = 3
REPEATED_MAX = 40


@dataclass(slots=True)
class Poison:
    """Spills into the stream of a system; `spilled` are the SHA-256 of the bodies that may have got in."""

    stack: LinkedStack
    spilled: set[bytes] = field(default_factory=set)
    repeated: int = 0
    rewinds: int = 0

    async def spill(self, chance: random.Random) -> None:
        """One message that must be set aside by everybody."""
        service = chance.choice(SERVICES)
        make = chance.choice((_nonsense, _receipt, _strangers_fact, self._old_id_with_another_body))
        with suppress(nats.errors.Error, OSError):
            body = await make(service)
            self.spilled.add(hashlib.sha256(body).digest())
            await self._publish(service, f"conveyor.{service}.touch_recorded.v1.{new_id()}", body)

    async def repeat(self, chance: random.Random) -> None:
        """Old messages again, shuffled and without the id by which the broker would know them."""
        with suppress(nats.errors.Error, OSError):
            async with self._as("provisioner") as client:
                old = [each for each in await _some_of(client, chance, REPEATED_MAX) if _owner(each) in SERVICES]
            chance.shuffle(old)
            for message in old:
                await self._publish(_owner(message), message.subject, message.data)
                self.repeated += 1

    async def rewind(self, service: str, chance: random.Random) -> None:
        """Set a service's consumer back to some place in the last few hundred messages."""
        with suppress(nats.errors.Error, OSError):
            async with self._as("provisioner") as client:
                last = (await client.jetstream().stream_info(STREAM)).state.last_seq
                place = max(1, last - chance.randrange(300))
                await client.request(
                    f"$JS.API.CONSUMER.RESET.{STREAM}.{service}",
                    json.dumps({"seq": place}).encode(),
                    timeout=PUBLISH_SECONDS_MAX,
                )
            self.rewinds += 1

    async def _old_id_with_another_body(self, service: str) -> bytes:
        async with self._as("provisioner") as client:
            chance = random.Random(service)  # noqa: S311 - which old message is copied matters to nobody
            for message in await _some_of(client, chance, REPEATED_MAX):
                if _owner(message) == service:
                    return json.dumps(json.loads(message.data) | {"time": "2025-01-01T00:00:00Z"}).encode()
        return await _nonsense(service)

    async def _publish(self, service: str, subject: str, body: bytes) -> None:
        async with self._as(service) as client:
            await client.request(subject, body, timeout=PUBLISH_SECONDS_MAX)

    @asynccontextmanager
    async def _as(self, user: str) -> AsyncIterator[Client]:
        client = await nats.connect(
            self.stack.nats.url.split(","),
            user=user,
            password=self.stack.nats.password_of(user),
            inbox_prefix=f"_INBOX_{user.replace('-', '_')}",
            allow_reconnect=False,
            connect_timeout=2,
            max_reconnect_attempts=2,
            error_cb=_unheard,
        )
        try:
            yield client
        finally:
            await client.close()


async def _nonsense(_service: str) -> bytes:
    return b'{"specversion": "1.0", "id": ' + new_id().hex.encode()


async def _receipt(_service: str) -> bytes:
    # What a publisher's reply subject lets the broker write under a fact's name.
    return json.dumps({"stream": STREAM, "seq": new_id().int % 10**9}).encode()


async def _strangers_fact(_service: str) -> bytes:
    fact = {"specversion": "1.0", "id": str(new_id()), "source": "conveyor/nobody", "type": "conveyor.nobody.paid.v1"}
    return json.dumps(fact | {"subject": "x", "time": "2025-09-01T00:00:00Z", "data": {}}).encode()


async def _some_of(client: Client, chance: random.Random, number: int) -> list[Any]:
    """Some old messages."""
    js = client.jetstream(timeout=PUBLISH_SECONDS_MAX)
    state = (await js.stream_info(STREAM)).state
    found = []
    for _ in range(number if state.messages else 0):
        with suppress(nats.js.errors.NotFoundError):
            found.append(await js.get_msg(STREAM, chance.randint(state.first_seq, state.last_seq)))
    return found


def _owner(message: Any) -> str:  # noqa: ANN401 - a raw message of the stream
    return str(message.subject).split(".")[1]


async def _unheard(_: Exception) -> None:
    """Nobody listens: the request that failed says so itself."""
