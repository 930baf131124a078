"""A new release under load: the schema is expanded first, then process after process is started again.

The release's migration is written by `make migration`'s own code into a copy of the room's branch, and does what an
expanding migration may do: a nullable column, a table, an index. The running code does not know of it.
"""

import asyncio
import importlib
import shutil
from pathlib import Path

from conveyor.kit.clock import SystemClock
from conveyor.kit.migrations.run import upgrade
from conveyor_local.department import SERVICES
from conveyor_local.new_migration import ROOMS, new_migration
from conveyor_local.places import place_of
from faults.campaign import READY_SECONDS_MAX, Campaign
from faults.linked_stack import LinkedStack

_EXPAND = (
    "ALTER TABLE outbox ADD COLUMN release_note text",
    "ALTER TABLE inbox ADD COLUMN release_note text",
    "CREATE TABLE release_notes (note_id uuid PRIMARY KEY, written_at timestamptz NOT NULL DEFAULT now())",
    "CREATE INDEX ix_outbox_created_at ON outbox (created_at)",
)
ROOM = "kit"


async def rolling_upgrade(stack: LinkedStack, campaign: Campaign) -> None:
    """Migrate every database, then restart the service processes one after another."""
    folder = stack.home / "release"
    migration = next_release(folder)
    for service in SERVICES:
        async with campaign.sparing("postgres"):
            await asyncio.to_thread(upgrade, stack.database_urls(service).migrator, _locations(service, folder))
    for part in stack.service_parts:
        async with campaign.sparing(part):
            await asyncio.to_thread(stack.stop_part, part)
            await asyncio.to_thread(stack.start_part, part)
            await asyncio.to_thread(stack.wait_part, part, seconds=READY_SECONDS_MAX)
    campaign.note(f"rolling upgrade with {migration.name}")


def next_release(folder: Path) -> Path:
    """The branch of the kit with one more migration, in `folder`."""
    shutil.copytree(ROOMS[ROOM], folder)
    path = new_migration(room=ROOM, message="expand for the next release", now=SystemClock().now(), versions=folder)
    statements = "\n    ".join(f'op.execute("{statement}")' for statement in _EXPAND)
    path.write_text(path.read_text().replace('op.execute("")', statements, 1))
    return path


def _locations(service: str, folder: Path) -> list[Path]:
    rooms: tuple[Path, ...] = importlib.import_module(f"{place_of(service).package}.main").MIGRATIONS
    return [folder if room == ROOMS[ROOM] else room for room in rooms]
