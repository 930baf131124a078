"""Passwords of the database and of the broker change while a service runs; it goes on without a restart."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx2
import pytest
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from conveyor.kit.database import DatabaseUnavailable
from conveyor.kit.passwords import PasswordUnreadable, password_from
from conveyor.kit.service import Service, assemble
from conveyor.kit.settings import ServiceSettings
from conveyor_local.nats import EmbeddedNats
from tests.kit.sample_app import ISSUER, Issuer, keys_file
from tests.kit.test_http_service import eventually, running, say
from tests.servers import FreshDatabase, PostgresForTests

ROLE = "conveyor_closing_app"


@pytest.fixture
def files(tmp_path: Path, postgres: PostgresForTests, provisioned_nats: EmbeddedNats) -> dict[str, Path]:
    """Where the passwords stand that count at first."""
    made = {name: tmp_path / name for name in ("database", "broker")}
    made["database"].write_text(f"{postgres.passwords['closing'].app}\n", encoding="utf-8")
    made["broker"].write_text(f"{provisioned_nats.password_of('closing')}\n", encoding="utf-8")
    return made


@pytest.fixture
def service(
    fresh_database: FreshDatabase, provisioned_nats: EmbeddedNats, files: dict[str, Path], tmp_path: Path
) -> Service:
    url = make_url(fresh_database("closing").app)
    bare = f"postgresql://{url.username}@{url.host}:{url.port}/{url.database}"
    return assemble(
        ServiceSettings(
            service="closing",
            database_url=SecretStr(bare),
            database_password_file=files["database"],
            nats_url=provisioned_nats.url,
            nats_password_file=files["broker"],
            jwks_url=keys_file(tmp_path, Issuer()).as_uri(),
            token_issuer=ISSUER,
            shutdown_seconds_max=9,
        )
    )


@pytest.fixture
async def change_in_database(postgres: PostgresForTests) -> AsyncIterator[asyncpg.Connection]:
    """The superuser; the role gets its old password back afterwards, for the other tests of the session."""
    superuser = await asyncpg.connect(postgres.admin_url)
    yield superuser
    await superuser.execute(f"ALTER ROLE {ROLE} PASSWORD '{postgres.passwords['closing'].app}'")
    await superuser.close()


async def is_at_rest(service: Service) -> bool:
    return set((await service.consumer.lag()).values()) == {0}


async def answers(client: httpx2.AsyncClient, **parts: str) -> bool:
    told = (await client.get("/readyz")).json()
    return all(told[name] == state for name, state in parts.items())


async def test_the_databases_password_changes(
    service: Service, files: dict[str, Path], change_in_database: asyncpg.Connection
) -> None:
    new = f"p{secrets.token_hex(16)}"
    async with running(service) as client:
        await eventually(lambda: answers(client, broker="ok", database="ok"))
        await change_in_database.execute(f"ALTER ROLE {ROLE} PASSWORD '{new}'")
        await say(service)  # by the connections that are there
        await change_in_database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", ROLE
        )
        await eventually(lambda: answers(client, database="down"))
        with pytest.raises(DatabaseUnavailable):
            await say(service)

        files["database"].write_text(f"{new}\n", encoding="utf-8")
        await eventually(lambda: answers(client, broker="ok", database="ok"))
        await say(service)
        await eventually(lambda: is_at_rest(service), seconds=20)


async def test_the_brokers_password_changes(
    service: Service, files: dict[str, Path], provisioned_nats: EmbeddedNats, server_home: Path
) -> None:
    new = f"p{secrets.token_hex(16)}"
    async with running(service) as client:
        await eventually(lambda: answers(client, broker="ok"))
        provisioned_nats.change_password("closing", new)
        provisioned_nats.restart()
        files["broker"].unlink()
        await say(service)
        await eventually(lambda: answers(client, broker="down"))

        files["broker"].write_text(f"{new}\n", encoding="utf-8")
        await eventually(lambda: answers(client, broker="ok"))
        await eventually(lambda: is_at_rest(service), seconds=20)


def test_a_file_that_is_away_for_a_moment_is_told_as_an_absent_server(tmp_path: Path) -> None:
    password = password_from(tmp_path / "gone", SecretStr("not this one"))

    assert password is not None
    with pytest.raises(PasswordUnreadable):
        password()
    (tmp_path / "gone").write_text("here\r\n", encoding="utf-8")
    assert password() == "here"
