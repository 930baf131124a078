"""Makes an empty migration at the end of a room's own branch: `make migration s=closing m="add signed_at"`."""

import re
from datetime import datetime
from pathlib import Path

from conveyor_local.places import CHECKOUT, SERVICE_PLACES

ROOMS: dict[str, Path] = {
    **{
        room: CHECKOUT / "shared" / "conveyor" / room / "migrations" / "versions"
        for room in ("kit", "roster", "handoffs", "bonuses", "erasing")
    },
    **{place.name: CHECKOUT / "services" / place.name / "migrations" / "versions" for place in SERVICE_PLACES},
}
_REVISION = re.compile(r'^revision\b.*=\s*"(?P<whole>[a-z_]+_(?P<number>\d{4})\w*)"', re.MULTILINE)

_TEXT = '''\
"""{message}."""

from alembic import op

revision = "{branch}_{number:04d}"
down_revision = {below}
branch_labels = {labels}
depends_on = None


def upgrade() -> None:
    op.execute("")


def downgrade() -> None:
    op.execute("")
'''


class UnknownRoom(ValueError):
    """There is no room of this name with migrations."""


def new_migration(*, room: str, message: str, now: datetime, versions: Path | None = None) -> Path:
    """Write the file and say where it is. Raises UnknownRoom, or ValueError for a message without words."""
    if room not in ROOMS:
        msg = f"no room {room!r} with migrations; one of {', '.join(sorted(ROOMS))}"
        raise UnknownRoom(msg)
    words = re.findall(r"[a-z0-9]+", message.lower())
    if not words:
        msg = 'say in a few words what the migration does: m="add signed_at"'
        raise ValueError(msg)
    folder = versions or ROOMS[room]
    branch = room.replace("-", "_")
    last, below = _last_of(folder)
    text = _TEXT.format(
        message=message.strip().rstrip(".").capitalize(),
        branch=branch,
        number=last + 1,
        below=f'"{below}"' if last else "None",
        labels="None" if last else f'("{branch}",)',
    )
    path = folder / f"{now:%Y_%m_%d_%H%M}_{'_'.join(words)}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return path


def _last_of(folder: Path) -> tuple[int, str]:
    """Number and whole name of the last revision; 0 and nothing where there is none."""
    found = [_REVISION.search(path.read_text(encoding="utf-8")) for path in folder.glob("*.py")]
    return max(((int(match["number"]), match["whole"]) for match in found if match), default=(0, ""))
