"""A full disk under the broker and the database: what was promised is kept, the rest is refused until there is room.

The disks are small file systems in a mount namespace of the test's own, which not every machine lets one have.
"""

import subprocess
import sys
from functools import cache

import pytest

from conveyor_local.places import CHECKOUT

NAMESPACE = ("unshare", "--mount", "--propagation", "private")
CASES = "tests/faults/small_disk.py"


@cache
def _why_not() -> str:
    """What keeps this machine from mounting a small file system that nobody else sees; empty if nothing does."""
    try:
        tried = subprocess.run(
            [*NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
            check=False,
            capture_output=True,
            text=True,
            timeout=20,
        )
    except OSError as error:
        return f"no unshare here: {error}"
    return tried.stderr.strip()


@pytest.mark.parametrize("under", ["broker", "database"])
def test_what_was_promised_is_kept_and_the_rest_waits_for_room(under: str) -> None:
    if _why_not():
        pytest.skip(f"needs a file system of its own, and may not mount one: {_why_not()}")

    command = [*NAMESPACE, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"{CASES}::test_{under}"]
    done = subprocess.run(
        command, check=False, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=170
    )

    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
