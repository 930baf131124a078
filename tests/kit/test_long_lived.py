"""A started process leaves what it loaded out of later collections; what it drops later is still collected."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from conveyor.kit.long_lived import NEW_OBJECTS, long_lived


class Knot:
    """Refers to itself: only the collector lets it go."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()


def test_what_is_loaded_is_not_looked_at_again() -> None:
    loaded = long_lived([Knot() for _ in range(1000)])
    assert gc.get_freeze_count() > len(loaded)
    assert gc.get_threshold()[0] == NEW_OBJECTS
    assert not any(isinstance(item, Knot) for item in gc.get_objects())


def test_later_garbage_is_collected() -> None:
    long_lived(None)
    dropped = weakref.ref(Knot())
    gc.collect()
    assert dropped() is None
