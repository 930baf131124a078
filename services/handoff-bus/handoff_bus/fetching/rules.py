"""When a call that failed is made again. Pure."""

from datetime import timedelta

FIRST_SECONDS = 5.0
LONGEST_SECONDS = 900.0
PATIENCE = timedelta(days=7)
"""How long after its arrival a delivery is given up: the longest month-end holiday of an API."""


def wait_before(attempt: int, *, jitter: float, retry_after_seconds: int | None = None) -> timedelta:
    """The wait after the `attempt`-th failure: from five seconds up to a quarter of an hour, or as asked.

    `jitter` in [0, 1) spreads the calls of many deliveries over the second half of the wait.
    """
    whole = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(attempt - 1, 20))
    return timedelta(seconds=max(whole * (0.5 + jitter / 2), float(retry_after_seconds or 0)))
