"""Removes a home with all its data, also what lies elsewhere: `python -m conveyor_local.forget .conveyor`.

Standard library only: `make clean` runs it without the environment.
"""

import fcntl
import shutil
import sys
from pathlib import Path

from conveyor_local.unprivileged import forget_directory


def forget(home: Path) -> str | None:
    """Remove the home; a sentence when that is not possible now."""
    if not home.is_dir():
        return None
    if not (home / "secrets.json").exists() and any(home.iterdir()):
        return f"{home} does not look like a home of Conveyor; it stays."
    lock = home / "lock"
    lock.touch()
    with lock.open() as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return f"Conveyor runs in {home}; stop it first."
        forget_directory(home.resolve() / "postgres")
        shutil.rmtree(home)
    return None


if __name__ == "__main__":
    sys.exit(forget(Path(sys.argv[1])))
