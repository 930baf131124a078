"""The floor of the flow: bare nats-py and asyncpg doing the same writes, with no validation and no arithmetic.

One loop writes delivery and outbox log and publishes; three loops pull, write inbox, payment, fact and entry, and
acknowledge. `python -m bench.bare_flow` is one of those loops, in a process of its own as a stage is.
"""

import asyncio
import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import nats
import nats.errors
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from bench.child import tell, told_by
from bench.running import durable_stack, with_extras
from conveyor.contracts.registry import SERVICES
from conveyor.kit.ids import new_id
from conveyor_local.stack import LocalStack

SECONDS_MAX = 180.0
_TABLES = """
    CREATE TABLE deliveries (id uuid PRIMARY KEY, dedupe_key text UNIQUE, body bytea, headers jsonb, state text);
    CREATE TABLE outside_ids (id text PRIMARY KEY, delivery_id uuid);
    CREATE TABLE outbox_log (id uuid PRIMARY KEY, subject text, body text);
    CREATE TABLE inbox (id uuid PRIMARY KEY, digest bytea, seq bigint);
    CREATE TABLE payments (source text, payment_id text, lead_id uuid, amount bigint, PRIMARY KEY (source, payment_id));
    CREATE TABLE facts (kind text, identity text, lead_id uuid, body jsonb, PRIMARY KEY (kind, identity));
    CREATE TABLE entries (no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id uuid UNIQUE, cause text UNIQUE,
        lead_id uuid, amount bigint, explanation jsonb, hash text);
    CREATE INDEX ON facts (lead_id); CREATE INDEX ON entries (lead_id);
"""
_SOURCE = (
    "INSERT INTO deliveries SELECT unnest($1::uuid[]), unnest($2::text[]), unnest($3::bytea[]), '{}', 'published'",
    "INSERT INTO outside_ids SELECT unnest($1::text[]), unnest($2::uuid[])",
    "INSERT INTO outbox_log SELECT unnest($1::uuid[]), unnest($2::text[]), unnest($3::text[])",
)
_STAGE = (
    "INSERT INTO inbox SELECT unnest($1::uuid[]), unnest($2::bytea[]), 1",
    "INSERT INTO payments SELECT 'bank', unnest($1::text[]), unnest($2::uuid[]), 1",
    "INSERT INTO facts SELECT 'payment', unnest($1::text[]), unnest($2::uuid[]), unnest($3::jsonb[])",
    """INSERT INTO entries (id, cause, lead_id, amount, explanation, hash)
        SELECT unnest($1::uuid[]), unnest($2::text[]), unnest($1::uuid[]), 1, unnest($3::jsonb[]), 'hash'""",
)
# A payment_received with its envelope is as long as this.
FILLER = "x" * 550


@dataclass(frozen=True, slots=True)
class Loop:
    """One loop's work: `number` messages, `batch` of them in a transaction."""

    service: str
    database_url: str
    nats_url: str
    nats_password: str
    number: int
    batch: int


@dataclass(frozen=True, slots=True)
class Span:
    """When a loop began and ended, by the clock that all processes of one machine share."""

    began: float
    ended: float


async def payments_per_second(number: int, *, batch: int) -> float:
    """New servers, one source and three stages side by side; from the first write to the last acknowledgement."""
    return await flow_per_second(number, batch=batch, module="bench.bare_flow")


async def flow_per_second(number: int, *, batch: int, module: str) -> float:
    """The same for any module that runs one of the four loops."""
    async with durable_stack() as stack:
        loops = [await _prepared(stack, service, number, batch) for service in SERVICES]
        spans = await asyncio.gather(*(_process(loop, stack.home, module) for loop in loops))
        return number / (max(span.ended for span in spans) - min(span.began for span in spans))


async def _prepared(stack: LocalStack, service: str, number: int, batch: int) -> Loop:
    admin_url = stack.postgres.admin_url
    name = f"bare_{service.replace('-', '_')}"
    admin = await asyncpg.connect(admin_url)
    await admin.execute(f"CREATE DATABASE {name}")
    await admin.close()
    url = admin_url.rpartition("/")[0] + f"/{name}"
    own = await asyncpg.connect(url)
    await own.execute(_TABLES)
    await own.close()
    return Loop(service, url, stack.nats.url, stack.nats.password_of(service), number, batch)


async def _process(loop: Loop, folder: Path, module: str) -> Span:
    name = f"bare-{loop.service}"
    return await told_by(module, loop, Span, folder=folder, name=name, seconds_max=SECONDS_MAX, env=with_extras())


async def _work(loop: Loop) -> Span:
    client = await nats.connect(
        loop.nats_url,
        user=loop.service,
        password=loop.nats_password,
        inbox_prefix=f"_INBOX_{loop.service.replace('-', '_')}",
    )
    database = await asyncpg.connect(loop.database_url)
    stream = client.jetstream()
    if loop.service == "handoff-bus":
        began = time.perf_counter()
        await _be_the_source(loop, database, stream)
    else:
        began = float("inf")
        await _be_a_stage(loop, database, stream)
    ended = time.perf_counter()
    await database.close()
    await client.close()
    return Span(min(began, ended), ended)


async def _be_the_source(loop: Loop, database: "asyncpg.Connection[Any]", stream: JetStreamContext) -> None:
    for start in range(0, loop.number, loop.batch):
        ids = [new_id() for _ in range(min(loop.batch, loop.number - start))]
        bodies = [json.dumps({"id": str(each), "lead_id": str(each), "filler": FILLER}) for each in ids]
        keys = [str(each) for each in ids]
        async with database.transaction():
            await database.execute(_SOURCE[0], ids, keys, [body.encode() for body in bodies])
            await database.execute(_SOURCE[1], keys, ids)
            await database.execute(_SOURCE[2], ids, keys, bodies)
        for key, body in zip(keys, bodies, strict=True):
            await stream.publish(f"conveyor.handoff-bus.payment_received.v1.{key}", body.encode())


async def _be_a_stage(loop: Loop, database: "asyncpg.Connection[Any]", stream: JetStreamContext) -> None:
    pulling = await stream.pull_subscribe_bind(loop.service, stream="CONVEYOR")
    left = loop.number
    while left:
        try:
            messages: list[Msg] = await pulling.fetch(min(loop.batch, left), timeout=0.05)
        except (nats.errors.TimeoutError, TimeoutError):
            continue
        bodies = [message.data.decode() for message in messages]
        ids = [UUID(json.loads(body)["id"]) for body in bodies]
        keys = [str(each) for each in ids]
        async with database.transaction():
            await database.execute(_STAGE[0], ids, [hashlib.sha256(message.data).digest() for message in messages])
            await database.execute(_STAGE[1], keys, ids)
            await database.execute(_STAGE[2], keys, ids, bodies)
            await database.execute(_STAGE[3], ids, keys, bodies)
        for message in messages:
            await message.ack()
        left -= len(messages)


if __name__ == "__main__":
    tell(Loop, _work)
