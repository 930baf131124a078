"""The embedded NATS: started, killed and started again with its data."""

from pathlib import Path

import nats
import pytest
from nats.js.api import StreamConfig

from conveyor_local.home import Secrets
from conveyor_local.nats import EmbeddedNats
from conveyor_local.nats_permissions import inbox_prefix
from conveyor_local.ports import free_port
from conveyor_local.processes import PortTaken, UnableToStart


@pytest.fixture
def server(tmp_path: Path) -> EmbeddedNats:
    return EmbeddedNats(home=tmp_path, port=free_port(), passwords=Secrets.fresh().nats)


async def _messages(server: EmbeddedNats, *, publish: bool) -> int:
    """How many messages the stream holds; makes it and publishes one when asked to."""
    client = await nats.connect(
        server.url,
        user="provisioner",
        password=server.password_of("provisioner"),
        inbox_prefix=inbox_prefix("provisioner"),
    )
    service = await nats.connect(
        server.url, user="closing", password=server.password_of("closing"), inbox_prefix=inbox_prefix("closing")
    )
    try:
        if publish:
            await client.jetstream(timeout=5).add_stream(StreamConfig(name="CONVEYOR", subjects=["conveyor.>"]))
            await service.jetstream(timeout=5).publish("conveyor.closing.something.v1.key", b"kept")
        info = await client.jetstream(timeout=5).stream_info("CONVEYOR")
        return int(info.state.messages)
    finally:
        await client.close()
        await service.close()


async def test_what_was_acknowledged_outlives_a_kill_and_a_restart(server: EmbeddedNats) -> None:
    server.start()
    try:
        published = await _messages(server, publish=True)
        server.kill()
        server.start()
        after_kill = await _messages(server, publish=False)
        server.restart()
        after_restart = await _messages(server, publish=False)
    finally:
        server.stop()

    assert (published, after_kill, after_restart) == (1, 1, 1)


def test_a_taken_port_is_named_with_its_variable(server: EmbeddedNats, tmp_path: Path) -> None:
    server.start()
    try:
        second = EmbeddedNats(home=tmp_path / "second", port=server.port, passwords=Secrets.fresh().nats)
        with pytest.raises(PortTaken, match=rf"{server.port}.*CONVEYOR_NATS_PORT"):
            second.start()
    finally:
        server.stop()


def test_a_start_that_fails_shows_the_log(tmp_path: Path) -> None:
    digits_first = dict.fromkeys(Secrets.fresh().nats, "1e5-begins-with-a-digit")
    (tmp_path / "nats").write_text("a file where the store must be")

    with pytest.raises(UnableToStart, match="Its log"):
        EmbeddedNats(home=tmp_path, port=free_port(), passwords=digits_first).start()
