"""Named places where a test may let the process die, to see that nothing is lost or doubled. For tests only.

`CONVEYOR_FAILPOINT=relay.before_mark` kills the process with SIGKILL when it comes by. With
`CONVEYOR_FAILPOINT_MARKER=<path>` it dies once: the file is made before, and while it exists nothing happens.
Without the variable a failpoint does nothing.
"""

import os
import signal
from pathlib import Path
from typing import Literal

Failpoint = Literal[
    "tx.before_commit",
    "tx.after_commit",
    "relay.before_publish",
    "relay.before_mark",
    "consumer.before_commit",
    "consumer.before_ack",
]

_CHOSEN = os.environ.get("CONVEYOR_FAILPOINT")
_MARKER = os.environ.get("CONVEYOR_FAILPOINT_MARKER")


def passing(name: Failpoint) -> None:
    """Die here if the environment names this place."""
    if name != _CHOSEN:
        return
    if _MARKER is not None:
        try:
            Path(_MARKER).touch(exist_ok=False)
        except FileExistsError:
            return
    os.kill(os.getpid(), signal.SIGKILL)
