"""Applying migrations: one at a time by an advisory lock, nothing waits for ever, everything belongs to the owner role.

Rooms have independent branches, so `upgrade heads` brings all of them to their newest state.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from conveyor.kit.database import is_transient, lock_key

HERE = Path(__file__).resolve().parent
KIT = HERE / "versions"

LOCK_TIMEOUT_MS = 5_000
STATEMENT_TIMEOUT_MS = 300_000
ATTEMPTS_MAX = 6
OTHER_MIGRATION_SECONDS_MAX = 120


class AnotherMigrationRuns(RuntimeError):
    """Somebody else holds the migration lock of this database for too long."""


def upgrade(url: str, locations: Sequence[Path]) -> None:
    """Bring the database behind `url` (`postgresql://…`) to the heads of the branches in `locations`.

    Blocking; call it outside of a running loop. A table that is locked for more than 5 s makes the attempt start
    again, six times in all, so that a migration never stands in front of the traffic behind a long query; so does a
    deadlock with the traffic, and a database that goes away.
    """
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            asyncio.run(_on_connection(url, lambda connection: _upgrade(connection, locations)))
        except (DBAPIError, OSError) as error:
            if not is_transient(error) or attempt == ATTEMPTS_MAX:
                raise
            time.sleep(attempt)
        else:
            return


def upgrade_from_environment(service: str, locations: Sequence[Path]) -> None:
    """The whole of `python -m <package>.migrate`: the address is in CONVEYOR_<SERVICE>_MIGRATION_URL."""
    variable = f"CONVEYOR_{service.upper().replace('-', '_')}_MIGRATION_URL"
    url = os.environ.get(variable)
    if not url:
        sys.exit(f"{variable} is not set: the address of the database for the migrating role.")
    upgrade(url, locations)


def configuration(locations: Sequence[Path], *, connection: Connection | None = None) -> Config:
    """Alembic's configuration for these branches; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(str(path).replace("%", "%%") for path in locations))
    config.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(hour).2d%%(minute).2d_%%(slug)s")
    config.attributes["connection"] = connection
    return config


async def _on_connection(url: str, work: Callable[[Connection], None]) -> None:
    settings = {
        "application_name": "conveyor-migration",
        "lock_timeout": str(LOCK_TIMEOUT_MS),
        "statement_timeout": str(STATEMENT_TIMEOUT_MS),
        "timezone": "UTC",
    }
    engine = create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"), connect_args={"timeout": 10, "server_settings": settings}
    )
    try:
        async with engine.connect() as connection:
            await connection.run_sync(work)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, locations: Sequence[Path]) -> None:
    act_as_owner(connection)
    _take_lock(connection)
    connection.commit()
    command.upgrade(configuration(locations, connection=connection), "heads")
    connection.commit()


def act_as_owner(connection: Connection) -> None:
    """What a `…_migrator` makes belongs to its `…_owner`."""
    login = connection.execute(text("SELECT session_user")).scalar_one()
    if login.endswith("_migrator"):
        owner = login.removesuffix("_migrator") + "_owner"
        connection.exec_driver_sql(f"SET ROLE {connection.dialect.identifier_preparer.quote(owner)}")


def _take_lock(connection: Connection) -> None:
    # Held by the session: it goes with the connection, also after a crash.
    deadline = time.monotonic() + OTHER_MIGRATION_SECONDS_MAX
    while not connection.execute(
        text("SELECT pg_try_advisory_lock(:key)"), {"key": lock_key("migration")}
    ).scalar_one():
        connection.commit()
        if time.monotonic() > deadline:
            raise AnotherMigrationRuns
        time.sleep(0.2)
