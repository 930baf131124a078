"""A trouble that finds the server away leaves it at that: what comes together at random must not end the run."""

import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conveyor.kit.ids import new_id
from conveyor_local.home import Ports
from conveyor_local.nats import EmbeddedNats
from faults import troubles
from faults.linked_stack import LinkedStack
from faults.poison import Poison
from faults.troubles import Harm, Scene
from tests.kit.messaging_line import client_of


@pytest.mark.parametrize("harm", [troubles.hold_snapshot, troubles.end_sessions, troubles.poison, troubles.repeat])
async def test_a_trouble_without_its_server_is_none(harm: Harm, tmp_path: Path) -> None:
    stack: Any = LinkedStack(tmp_path, ports=Ports.free())
    scene = Scene(stack, Poison(stack), random.Random(1))  # noqa: S311 - a length of time

    await harm(scene, "closing")


async def test_a_rewind_takes_nothing_away_from_a_consumer_that_lags(provisioned_nats: EmbeddedNats) -> None:
    stack: Any = SimpleNamespace(nats=provisioned_nats)
    async with client_of(provisioned_nats, "closing") as client:
        for _ in range(20):
            await client.request(f"conveyor.closing.deal_opened.v1.{new_id()}", b"{}", timeout=5)

    await Poison(stack).rewind("account", random.Random(31))  # noqa: S311 - a short way

    async with client_of(provisioned_nats, "provisioner") as client:
        assert (await client.jetstream().consumer_info("CONVEYOR", "account")).num_pending == 20
