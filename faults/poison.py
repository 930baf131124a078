"""What the broker may be given that must have no effect: messages that are no facts, and old ones once more.

Everything goes past the relays, under the users of the services, as a program gone wrong would do it.
"""

import asyncio
import hashlib
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
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
SPILLS_MAX = 60

Forgery = tuple[str, bytes]
"""Subject and body."""
Kind = Callable[[str, random.Random], Awaitable[Forgery]]
"""Makes a forgery under a service's name."""


@dataclass(slots=True)
class Poison:
    """Spills into the stream of a system; `spilled` are the SHA-256 of the bodies that may have got in."""

    stack: LinkedStack
    spilled: set[bytes] = field(default_factory=set)
    repeated: int = 0
    rewinds: int = 0

    async def spill(self, chance: random.Random) -> None:
        """One message that must be set aside by everybody who hears its kind; the bus hears all."""
        await self._spill(chance.choice(self._kinds), chance)

    async def spill_each(self, chance: random.Random) -> None:
        """One of each kind, each until the broker has it or a minute is over."""
        for kind in self._kinds:
            for _ in range(SPILLS_MAX):
                if await self._spill(kind, chance):
                    break
                await asyncio.sleep(1)

    @property
    def _kinds(self) -> tuple[Kind, ...]:
        return (_nonsense, _receipt, _strangers_fact, self._old_id_with_another_body)

    async def _spill(self, make: Kind, chance: random.Random) -> bool:
        service = chance.choice(SERVICES)
        with suppress(nats.errors.Error, OSError):
            subject, body = await make(service, chance)
            self.spilled.add(hashlib.sha256(body).digest())
            await self._publish(_owner_of(subject), subject, body)
            return True
        return False

    async def repeat(self, chance: random.Random) -> None:
        """Old messages again, shuffled and without the id by which the broker would know them."""
        with suppress(nats.errors.Error, OSError):
            async with self._as("provisioner") as client:
                old = [
                    each for each in await _some_of(client, chance, REPEATED_MAX) if _owner_of(each.subject) in SERVICES
                ]
            chance.shuffle(old)
            for message in old:
                await self._publish(_owner_of(message.subject), message.subject, message.data)
                self.repeated += 1

    async def rewind(self, service: str, chance: random.Random) -> None:
        """Set a service's consumer back, by up to a few hundred messages from where it has handled all."""
        with suppress(nats.errors.Error, OSError):
            async with self._as("provisioner") as client:
                handled = (await client.jetstream().consumer_info(STREAM, service)).ack_floor
                place = max(1, (handled.stream_seq if handled else 0) - chance.randrange(300))
                await client.request(
                    f"$JS.API.CONSUMER.RESET.{STREAM}.{service}",
                    json.dumps({"seq": place}).encode(),
                    timeout=PUBLISH_SECONDS_MAX,
                )
            self.rewinds += 1

    async def _old_id_with_another_body(self, service: str, chance: random.Random) -> Forgery:
        """A fact that everybody has long handled, as it would look after a change of its time."""
        async with self._as("provisioner") as client:
            for message in await _some_of(client, chance, REPEATED_MAX, older_half=True):
                if _owner_of(message.subject) in SERVICES and hashlib.sha256(message.data).digest() not in self.spilled:
                    changed = json.loads(message.data) | {"time": "2025-01-01T00:00:00Z"}
                    return message.subject, json.dumps(changed).encode()
        return await _nonsense(service, chance)

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


async def _nonsense(service: str, _chance: random.Random) -> Forgery:
    return _subject_of(service), b'{"specversion": "1.0", "id": ' + new_id().hex.encode()


async def _receipt(service: str, _chance: random.Random) -> Forgery:
    # What a publisher's reply subject lets the broker write under a fact's name.
    return _subject_of(service), json.dumps({"stream": STREAM, "seq": new_id().int % 10**9}).encode()


async def _strangers_fact(service: str, _chance: random.Random) -> Forgery:
    fact = {"specversion": "1.0", "id": str(new_id()), "source": "conveyor/nobody", "type": "conveyor.nobody.paid.v1"}
    body = json.dumps(fact | {"subject": "x", "time": "2025-09-01T00:00:00Z", "data": {}}).encode()
    return _subject_of(service), body


def _subject_of(service: str) -> str:
    return f"conveyor.{service}.touch_recorded.v1.{new_id()}"


async def _some_of(client: Client, chance: random.Random, number: int, *, older_half: bool = False) -> list[Any]:
    """Some old messages."""
    js = client.jetstream(timeout=PUBLISH_SECONDS_MAX)
    state = (await js.stream_info(STREAM)).state
    last = (state.first_seq + state.last_seq) // 2 if older_half else state.last_seq
    found = []
    for _ in range(number if state.messages else 0):
        with suppress(nats.js.errors.NotFoundError):
            found.append(await js.get_msg(STREAM, chance.randint(state.first_seq, last)))
    return found


def _owner_of(subject: str) -> str:
    return subject.split(".")[1]


async def _unheard(_: Exception) -> None:
    """Nobody listens: the request that failed says so itself."""
