"""The flow written the usual way, as another floor: FastStream handlers, one message, one ORM session.

The same writes as `bare_flow.py`, one source and three stages side by side, each a process of its own.
"""

from bench.bare_flow import flow_per_second
from bench.running import EXTRAS


async def payments_per_second(number: int) -> float:
    """New servers; from the first write to the last acknowledgement. Raises RuntimeError without FastStream."""
    if not (EXTRAS / "faststream").exists():
        msg = "FastStream is missing: `make bench` installs what only benchmarks need"
        raise RuntimeError(msg)
    return await flow_per_second(number, batch=1, module="bench.usual_stage")
