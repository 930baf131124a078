"""The collector leaves the long-lived objects of a service alone, and only while it runs."""

import gc
import weakref

from conveyor.kit.collecting import YOUNGEST, collecting_only_what_is_new


class _Ring:
    """Garbage that only the collector finds."""

    def __init__(self) -> None:
        self.itself = self


def test_what_was_there_is_not_walked_and_what_is_new_is_collected() -> None:
    before = gc.get_threshold()
    with collecting_only_what_is_new():
        assert gc.get_freeze_count() > 10_000
        assert gc.get_threshold()[0] == YOUNGEST
        ring = _Ring()
        gone = weakref.ref(ring)
        del ring
        gc.collect()
        assert gone() is None
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)
