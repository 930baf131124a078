"""A full disk under the broker and the database: what was promised is kept, the rest is refused until there is room."""

import subprocess
import sys

import pytest

from conveyor_local.places import CHECKOUT
from faults.small_file_system import NAMESPACE

# Long, because not every machine lets one mount anything: `make faults` asks first and says so.
pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]
CASES = "tests/faults/small_disk.py"


@pytest.mark.parametrize("under", ["broker", "database"])
def test_what_was_promised_is_kept_and_the_rest_waits_for_room(under: str) -> None:
    command = [*NAMESPACE, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"{CASES}::test_{under}"]

    done = subprocess.run(
        command, check=False, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=380
    )

    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
