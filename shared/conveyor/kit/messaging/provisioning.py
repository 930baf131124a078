"""Makes the stream CONVEYOR and a durable consumer for each service, or checks that they are as they must be.

Run by a deploy step as the user `provisioner`: `python -m conveyor.kit.messaging.provisioning` with CONVEYOR_NATS_URL
and CONVEYOR_NATS_PROVISIONER_PASSWORD; CONVEYOR_STREAM_BYTES_MAX, CONVEYOR_STREAM_REPLICAS and, to check that the
server syncs before it acknowledges, CONVEYOR_NATS_MONITOR_URL may be set. Run it as often as you like.
"""

import asyncio
import json
import os
import sys
import urllib.request
from dataclasses import dataclass
from typing import Any

import nats
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    ReplayPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

from conveyor.contracts.envelope import SUBJECT_ROOT
from conveyor.contracts.registry import SERVICES
from conveyor.kit.messaging.regression import STREAM

USER = "provisioner"
CONNECT_SECONDS = 20

DUPLICATE_WINDOW_SECONDS = 600
MESSAGE_BYTES_MAX = 768 * 1024
ACK_WAIT_SECONDS = 6
ACK_PENDING_MAX = 1000
BYTES_MAX = 8 * 1024**3


class Drift(RuntimeError):
    """What is there differs in a way that cannot be changed on the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """What is to be there."""

    bytes_max: int = BYTES_MAX
    replicas: int = 1

    def stream(self) -> StreamConfig:
        """One stream over all facts; it refuses new ones when it is full, and forgets none."""
        return StreamConfig(
            name=STREAM,
            subjects=[f"{SUBJECT_ROOT}.>"],
            retention=RetentionPolicy.LIMITS,
            storage=StorageType.FILE,
            discard=DiscardPolicy.NEW,
            max_bytes=self.bytes_max,
            max_msg_size=MESSAGE_BYTES_MAX,
            max_age=0,
            num_replicas=self.replicas,
            duplicate_window=DUPLICATE_WINDOW_SECONDS,
            allow_direct=True,
            allow_atomic=True,
        )

    def consumer(self, service: str) -> ConsumerConfig:
        """Everything from the beginning; attempts are counted in the service's database, not here.

        The wait for an acknowledgement is short, so that what a killed process held comes again soon; a living one
        says that it is at work.
        """
        return ConsumerConfig(
            name=service,
            durable_name=service,
            deliver_policy=DeliverPolicy.ALL,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACK_WAIT_SECONDS,
            max_deliver=-1,
            max_ack_pending=ACK_PENDING_MAX,
            filter_subject=f"{SUBJECT_ROOT}.>",
            replay_policy=ReplayPolicy.INSTANT,
        )


async def provision(url: str, password: str, wanted: Provision) -> list[str]:
    """Make or update all of it. Returns what was done, empty when nothing was to do. Raises Drift."""
    client = await nats.connect(
        url.split(","),
        user=USER,
        password=password,
        name=USER,
        inbox_prefix=f"_INBOX_{USER}",
        connect_timeout=5,
        max_reconnect_attempts=10,
    )
    try:
        js = client.jetstream(timeout=10)
        done = await _stream(js, wanted.stream())
        for service in SERVICES:
            done += await _consumer(js, wanted.consumer(service))
        return done
    finally:
        await client.close()


async def _stream(js: JetStreamContext, config: StreamConfig) -> list[str]:
    try:
        there = (await js.stream_info(STREAM)).config
    except NotFoundError:
        await js.add_stream(config)
        return [f"made the stream {STREAM}"]
    drift = _differences(there, config)
    if not drift:
        return []
    if "retention" in drift or "storage" in drift:
        msg = f"the stream {STREAM} differs in {', '.join(drift)}, which cannot be changed"
        raise Drift(msg)
    await js.update_stream(config)
    return [f"changed {', '.join(drift)} of the stream {STREAM}"]


async def _consumer(js: JetStreamContext, config: ConsumerConfig) -> list[str]:
    name = str(config.durable_name)
    try:
        there = (await js.consumer_info(STREAM, name)).config
    except NotFoundError:
        await js.add_consumer(STREAM, config)
        return [f"made the consumer {name}"]
    drift = _differences(there, config)
    if not drift:
        return []
    if "deliver_policy" in drift or "ack_policy" in drift or "replay_policy" in drift:
        msg = f"the consumer {name} differs in {', '.join(drift)}, which cannot be changed"
        raise Drift(msg)
    await js.add_consumer(STREAM, config)
    return [f"changed {', '.join(drift)} of the consumer {name}"]


def _differences(there: Any, wanted: Any) -> list[str]:  # noqa: ANN401 - either kind of configuration
    names = [name for name, value in vars(wanted).items() if value is not None]
    return [name for name in names if _plain(getattr(there, name)) != _plain(getattr(wanted, name))]


def _plain(value: Any) -> Any:  # noqa: ANN401 - a field of a configuration
    # The server leaves out what is zero or false.
    plain = getattr(value, "value", value)
    return None if plain in (0, False, "", [], -1) else plain


def assert_synced(monitor_url: str) -> None:
    """The server must sync each message before it acknowledges it. Raises Drift."""
    with urllib.request.urlopen(f"{monitor_url}/jsz?config=1", timeout=5) as answer:  # noqa: S310 - the operator's own address
        config = json.load(answer).get("config", {})
    if not config.get("sync_always"):
        msg = "the NATS server does not run with sync_interval: always; acknowledged facts could be lost"
        raise Drift(msg)


def main() -> None:
    """The deploy step."""
    try:
        url, password = os.environ["CONVEYOR_NATS_URL"], os.environ["CONVEYOR_NATS_PROVISIONER_PASSWORD"]
    except KeyError as missing:
        sys.exit(f"{missing.args[0]} is not set.")
    wanted = Provision(
        bytes_max=int(os.environ.get("CONVEYOR_STREAM_BYTES_MAX", BYTES_MAX)),
        replicas=int(os.environ.get("CONVEYOR_STREAM_REPLICAS", "1")),
    )
    try:
        monitor = os.environ.get("CONVEYOR_NATS_MONITOR_URL")
        if monitor:
            assert_synced(monitor)
        done = asyncio.run(asyncio.wait_for(provision(url, password, wanted), timeout=60))
    except Drift as drift:
        sys.exit(str(drift))
    sys.stdout.write("\n".join(done or ["everything is as it must be"]) + "\n")


if __name__ == "__main__":
    main()
