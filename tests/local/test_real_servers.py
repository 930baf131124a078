"""With the variables set, servers that exist already are used, and no embedded one is started."""

from pathlib import Path

import httpx2
import pytest

from conveyor_local.home import Ports
from conveyor_local.nats import EmbeddedNats
from conveyor_local.nats_permissions import all_users
from conveyor_local.places import SERVICE_PLACES
from conveyor_local.processes import UnableToStart
from conveyor_local.real_servers import RealServers
from conveyor_local.stack import LocalStack
from tests.servers import FreshDatabase


async def test_a_system_runs_on_servers_named_by_the_environment(
    fresh_database: FreshDatabase,
    provisioned_nats: EmbeddedNats,
    server_home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for place in SERVICE_PLACES:
        urls = fresh_database(place.name)
        monkeypatch.setenv(place.variable("DATABASE_URL"), urls.app)
        monkeypatch.setenv(place.variable("MIGRATION_URL"), urls.migrator)
    monkeypatch.setenv("CONVEYOR_NATS_URL", provisioned_nats.url)
    for user in all_users():
        monkeypatch.setenv(user.password_variable, provisioned_nats.password_of(user.name))
    home = server_home / "real-servers"
    stack = LocalStack(home, ports=Ports.free(), real_servers=RealServers.from_environment())

    stack.start()
    try:
        async with httpx2.AsyncClient(trust_env=False) as client:
            ready = [(await client.get(f"{stack.base_url(place.name)}/readyz")).json() for place in SERVICE_PLACES]
    finally:
        stack.stop()

    assert all(answer["database"] == "ok" for answer in ready)
    assert not (home / "postgres").exists()
    assert not (home / "nats").exists()


def test_a_real_broker_without_its_passwords_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVEYOR_NATS_URL", "nats://127.0.0.1:4222")

    with pytest.raises(UnableToStart, match="CONVEYOR_TELEMARKETING_NATS_PASSWORD"):
        RealServers.from_environment()
