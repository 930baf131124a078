"""One department at work, for all tests of intruders: its servers, its services, everything that can be asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conveyor.kit.ids import new_id
from conveyor_local.stack import LocalStack
from tests.security.world import World, people_at_work


@pytest.fixture(scope="session")
def world(server_home: Path, prepared_home: Path) -> Iterator[World]:
    """The golden quarter, its first month closed, and something left open at every desk."""
    stack = LocalStack.copied(prepared_home, server_home / f"security-{new_id().hex[-12:]}")
    try:
        stack.start()
        yield people_at_work(stack)
    finally:
        stack.stop()
        stack.forget()
