"""The garbage collector in a service: what was there at the start is never walked again.

A service holds some hundred thousand objects that live as long as it does (modules, models, mapped classes), and makes
thousands per batch that die with it. With Python's defaults the collector looks every 700 of them and walks the
long-lived ones again and again: a third of a stage's processor time, and pauses that senders of webhooks wait for.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# New objects between two looks at the youngest generation; about one batch of a consumer.
YOUNGEST = 10_000


@contextmanager
def collecting_only_what_is_new() -> Iterator[None]:
    """Within, everything made before is left out of collections; afterwards all is as it was."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(YOUNGEST, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
