"""A file system of a few megabytes that nobody else sees: in a mount namespace of its own, where the machine allows."""

import subprocess
from functools import cache

NAMESPACE = ("unshare", "--mount", "--propagation", "private")
"""Before a command: what it mounts is its own, and gone with it."""


@cache
def hindrance() -> str:
    """What keeps this machine from mounting one; empty if nothing does."""
    command = [*NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    try:
        tried = subprocess.run(command, check=False, capture_output=True, text=True, timeout=20)  # noqa: S603 - of this system
    except OSError as error:
        return f"no small file system may be mounted: {error}"
    return f"no small file system may be mounted: {tried.stderr.strip()}" if tried.returncode else ""
