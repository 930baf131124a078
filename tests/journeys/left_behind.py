"""Where words can still be found in a running system: every row of four databases, the stream, the services' logs."""

import json
from collections.abc import Iterable, Sequence

import asyncpg
import nats
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from conveyor_local.department import SERVICES
from conveyor_local.stack import LocalStack

# Payroll keeps what it was given: batches that were frozen, and the files made of them.
PAYROLL = frozenset(
    {
        *("bonus_payout_rows", "bonus_payout_file_chunks", "bonus_payout_rejected_lines"),
        *("gathered_batch_parts", "payroll_file_chunks"),
    }
)


async def places_of(stack: LocalStack, words: Sequence[str]) -> set[str]:
    """`<service>.<table>`, `stream.<fact>` and names of log files in which one of the words stands, in any spelling."""
    wanted = [spelled for word in words for spelled in spellings_of(word)]
    found = {place for service in SERVICES for place in await _tables(stack, service, wanted)}
    found |= {f"stream.{subject.split('.')[2]}" for subject, body in await messages_of(stack) if holds(body, wanted)}
    logs = list(stack.home.rglob("*.log"))
    assert logs
    return found | {log.name for log in logs if holds(log.read_text(errors="replace"), wanted)}


async def messages_of(stack: LocalStack) -> list[tuple[str, str]]:
    """Subject and body of every message that the stream holds."""
    client = await nats.connect(
        stack.nats.url,
        user="provisioner",
        password=stack.nats.password_of("provisioner"),
        inbox_prefix="_INBOX_provisioner",
    )
    try:
        js = client.jetstream(timeout=10)
        reader = ConsumerConfig(
            name="reader", mem_storage=True, ack_policy=AckPolicy.NONE, deliver_policy=DeliverPolicy.ALL
        )
        waiting = (await js.add_consumer("CONVEYOR", reader)).num_pending or 0
        pulled = await js.pull_subscribe_bind(consumer="reader", stream="CONVEYOR")
        messages: list[tuple[str, str]] = []
        while len(messages) < waiting:
            fetched = await pulled.fetch(min(500, waiting - len(messages)), timeout=10)
            messages.extend((message.subject, message.data.decode()) for message in fetched)
        await js.delete_consumer("CONVEYOR", "reader")
        return messages
    finally:
        await client.close()


async def _tables(stack: LocalStack, service: str, wanted: Sequence[str]) -> Iterable[str]:
    connection = await asyncpg.connect(stack.database_urls(service).app)
    try:
        tables = await connection.fetch(
            """
            SELECT relname FROM pg_class
            WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace
            """
        )
        found = []
        for (table,) in tables:
            rows = await connection.fetch(f'SELECT one::text FROM "{table}" AS one')  # noqa: S608 - a table of ours
            if any(holds(row[0], wanted) for row in rows):
                found.append(f"{service}.{table}")
        return found
    finally:
        await connection.close()


def spellings_of(word: str) -> tuple[str, ...]:
    """Plain, as JSON may escape it, as PostgreSQL prints bytes."""
    return word, json.dumps(word)[1:-1], word.encode().hex()


def holds(text: str, wanted: Sequence[str]) -> bool:
    return any(each in text for each in wanted)
