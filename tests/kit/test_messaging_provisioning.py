"""The stream and its consumers: made once, checked every time, changed where it can be; a full one loses nothing."""

from conveyor.contracts.registry import SERVICES
from conveyor.kit.messaging.provisioning import Provision, provision
from conveyor_local.nats import EmbeddedNats
from tests.kit.messaging_line import a_line, client_of, eventually, touch
from tests.servers import FreshDatabase


async def test_is_done_once_and_finds_drift(provisioned_nats: EmbeddedNats) -> None:
    url, password = provisioned_nats.url, provisioned_nats.password_of("provisioner")

    again = await provision(url, password, Provision())
    changed = await provision(url, password, Provision(bytes_max=1_000_000))

    assert again == []
    assert changed == ["changed max_bytes of the stream CONVEYOR"]
    async with client_of(provisioned_nats, "provisioner") as client:
        for service in SERVICES:
            info = await client.jetstream().consumer_info("CONVEYOR", service)
            assert (info.config.max_deliver, info.config.ack_policy) == (-1, "explicit")


async def test_a_full_stream_keeps_the_outbox_until_there_is_room(
    empty_database: FreshDatabase, provisioned_nats: EmbeddedNats
) -> None:
    url, password = provisioned_nats.url, provisioned_nats.password_of("provisioner")
    await provision(url, password, Provision(bytes_max=60_000))
    async with a_line(empty_database, provisioned_nats) as line:
        line.start()
        ids = []
        for _ in range(40):
            ids += await line.say(touch(note="x" * 3_000))

        async def is_held_up() -> bool:
            return line.relay.failures > 2

        await eventually(is_held_up)
        assert await line.count("outbox") > 0
        assert await line.count("outbox_dead") == 0

        await provision(url, password, Provision())

        async def is_drained() -> bool:
            return await line.count("effects") == len(ids)

        await eventually(is_drained)
        assert await line.effects() == ids
