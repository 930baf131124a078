"""Work in portions, so that the memory of a change that concerns everything stays bounded."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

_AT_ONCE = 500

T = TypeVar("T")


def portions(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """The items in order, so many at once that memory stays bounded."""
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))
