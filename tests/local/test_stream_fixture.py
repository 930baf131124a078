"""The provisioned broker that tests get."""

import nats

from conveyor.contracts.registry import SERVICES
from conveyor_local.nats import EmbeddedNats
from conveyor_local.nats_permissions import STREAM, inbox_prefix


async def test_it_has_the_stream_with_every_service_s_consumer_and_no_message(provisioned_nats: EmbeddedNats) -> None:
    client = await nats.connect(
        provisioned_nats.url,
        user="monitor",
        password=provisioned_nats.password_of("monitor"),
        inbox_prefix=inbox_prefix("monitor"),
    )
    try:
        stream = client.jetstream(timeout=5)
        info = await stream.stream_info(STREAM)
        consumers = [(await stream.consumer_info(STREAM, service)).name for service in SERVICES]
    finally:
        await client.close()

    assert info.state.messages == 0
    assert info.config.allow_direct
    assert consumers == list(SERVICES)
