"""A trouble that finds the server away leaves it at that: what comes together at random must not end the run."""

import random
from pathlib import Path
from typing import Any

import pytest

from conveyor_local.home import Ports
from faults import troubles
from faults.linked_stack import LinkedStack
from faults.poison import Poison
from faults.troubles import Harm, Scene


@pytest.mark.parametrize("harm", [troubles.hold_snapshot, troubles.end_sessions, troubles.poison, troubles.repeat])
async def test_a_trouble_without_its_server_is_none(harm: Harm, tmp_path: Path) -> None:
    stack: Any = LinkedStack(tmp_path, ports=Ports.free())
    scene = Scene(stack, Poison(stack), random.Random(1))  # noqa: S311 - a length of time

    await harm(scene, "closing")
