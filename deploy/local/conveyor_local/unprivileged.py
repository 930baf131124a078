"""The account under which PostgreSQL runs when we are root, and a place that account can reach.

PostgreSQL refuses to run as root. An ordinary user needs none of this.
"""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """An unprivileged account of this machine."""

    name: str
    uid: int
    gid: int

    def popen_arguments(self) -> dict[str, Any]:
        """What subprocess takes to run a program under this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_run(self, program: Path) -> bool:
        """Whether the account reaches and executes this program (tried with --version)."""
        try:
            tried = subprocess.run(
                [program, "--version"],
                check=False,
                capture_output=True,
                timeout=20,
                cwd="/",
                **self.popen_arguments(),
            )
        except OSError:
            return False
        return tried.returncode == 0

    def can_enter(self, directory: Path) -> bool:
        """Whether the account may pass through the directory and all that lie above it."""
        return all(self._may_pass(place.stat()) for place in (directory, *directory.parents))

    def _may_pass(self, place: os.stat_result) -> bool:
        if place.st_uid == self.uid:
            return bool(place.st_mode & stat.S_IXUSR)
        if place.st_gid == self.gid:
            return bool(place.st_mode & stat.S_IXGRP)
        return bool(place.st_mode & stat.S_IXOTH)


def account_for_servers() -> Account | None:
    """None for an ordinary user: servers run as he; for root the first unprivileged account found."""
    if os.geteuid() != 0:
        return None
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    return Account(name="65534", uid=65534, gid=65534)


def reachable_directory(wanted: Path, account: Account | None) -> Path:
    """`wanted`, or for an account that cannot get there `<tmp>/conveyor-<hash of wanted>`; made, and ours.

    Only directories made here get their permissions set: the one returned can be passed through, not listed.
    Raises PermissionError when somebody else made the stand-in directory.
    """
    wanted.parent.mkdir(parents=True, exist_ok=True)
    place = wanted if account is None or account.can_enter(wanted.parent.resolve()) else stand_in(wanted)
    if not place.exists():
        place.mkdir(mode=0o711)
        place.chmod(0o711)
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        msg = f"{place} exists but is not a directory of ours; remove it or set CONVEYOR_HOME to another place."
        raise PermissionError(msg)
    return place


def stand_in(wanted: Path) -> Path:
    """Where data lies instead when the account cannot reach `wanted`; survives a restart of the machine."""
    lasting = Path("/var/tmp")  # noqa: S108 - ownership is checked before use
    root = lasting if lasting.is_dir() else Path(tempfile.gettempdir())
    return root / f"conveyor-{hashlib.sha256(str(wanted.resolve()).encode()).hexdigest()[:12]}"


def forget_directory(wanted: Path) -> None:
    """Remove the directory and its stand-in, if there is one."""
    for place in (wanted, stand_in(wanted)):
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
