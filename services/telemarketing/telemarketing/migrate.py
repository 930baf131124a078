"""`python -m telemarketing.migrate`: bring the database to its newest tables, under the migrator's role."""

from pathlib import Path
from typing import Final

import conveyor.bonuses
import conveyor.kit
from conveyor import erasing, roster
from conveyor.kit.migrations.run import upgrade_from_environment

MIGRATIONS: Final[tuple[Path, ...]] = (
    Path(conveyor.kit.__file__).parent / "migrations" / "versions",
    erasing.MIGRATIONS,
    roster.MIGRATIONS,
    Path(conveyor.bonuses.__file__).parent / "migrations" / "versions",
    Path(__file__).parents[1] / "migrations" / "versions",
)
"""Where the rooms of this service keep their migrations."""

if __name__ == "__main__":
    upgrade_from_environment("telemarketing", MIGRATIONS)
