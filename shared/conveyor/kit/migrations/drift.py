"""Whether the tables that migrations made are the tables that the code declares; a new empty migration."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from conveyor.kit.database import Base
from conveyor.kit.migrations.run import configuration

_KEPT_BY_OTHERS = re.compile(r"alembic_version|(inbox|outbox_log)_(default|[0-9]{4}_[0-9]{2})")


def differences(url: str, *, packages: Sequence[str]) -> list[Any]:
    """What Alembic would change to make the database equal to the tables declared in `packages`; empty when equal.

    Blocking. The packages' table modules must have been imported. Partitions made by maintenance are left out.
    """
    return asyncio.run(_differences(url, declared_tables(packages)))


def declared_tables(packages: Sequence[str]) -> MetaData:
    """A copy of the tables whose classes live in these packages."""
    metadata = MetaData(naming_convention=Base.metadata.naming_convention)
    prefixes = tuple(f"{package}." for package in packages)
    for mapper in Base.registry.mappers:
        if mapper.class_.__module__.startswith(prefixes):
            cast("Table", mapper.local_table).to_metadata(metadata)
    return metadata


def new_revision(location: Path, message: str, *, locations: Sequence[Path]) -> Path:
    """Write an empty migration after the head of the branch in `location` and return its path."""
    config = configuration(locations)
    scripts = ScriptDirectory.from_config(config)
    heads = [scripts.get_revision(found) for found in scripts.get_heads()]
    head = next(script for script in heads if Path(script.path).resolve().parent == location.resolve())
    room, _, number = head.revision.rpartition("_")
    made = command.revision(
        config, message, head=head.revision, rev_id=f"{room}_{int(number) + 1:04d}", version_path=str(location)
    )
    if made is None or isinstance(made, list):
        msg = "one migration was asked for"
        raise RuntimeError(msg)
    return Path(made.path)


async def _differences(url: str, metadata: MetaData) -> list[Any]:
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"))
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_compare, metadata)
    finally:
        await engine.dispose()


def _compare(connection: Connection, metadata: MetaData) -> list[Any]:
    options = {"compare_type": True, "include_name": _belongs}
    found: list[Any] = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    return found


def _belongs(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or _KEPT_BY_OTHERS.fullmatch(str(name)) is None
