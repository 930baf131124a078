"""One message of the stream by its place, and how far a reader is. The broker lets only the bus ask of others."""

import json

import nats.errors

from conveyor.kit.messaging.connection import Connection
from conveyor.kit.messaging.publishing import ACK_SECONDS, NotNow
from conveyor.kit.messaging.regression import STREAM


async def message_at(connection: Connection, stream_seq: int) -> bytes | None:
    """The body at this place; None when the stream has none there (any more). Raises NotNow."""
    client = connection.client
    if client is None:
        msg = "no link to the broker"
        raise NotNow(msg)
    request = json.dumps({"seq": stream_seq}).encode()
    try:
        answer = await client.request(f"$JS.API.DIRECT.GET.{STREAM}", request, timeout=ACK_SECONDS)
    except (nats.errors.Error, TimeoutError, OSError) as error:
        raise NotNow(type(error).__name__) from error
    headers = answer.headers or {}
    if headers.get("Status") == "404":
        return None
    if "Nats-Sequence" not in headers:
        raise NotNow(headers.get("Description") or "no answer to a direct get")
    return bytes(answer.data)


async def messages_ahead(connection: Connection, reader: str) -> int | None:
    """How many messages this reader has not handled yet; None when the broker does not say."""
    client = connection.client
    if client is None:
        return None
    try:
        info = await client.jetstream(timeout=ACK_SECONDS).consumer_info(STREAM, reader)
    except (nats.errors.Error, TimeoutError, OSError):
        return None
    return (info.num_pending or 0) + (info.num_ack_pending or 0)
