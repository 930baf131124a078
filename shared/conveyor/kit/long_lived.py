"""What a process loaded when it started lives until its end: the collector need not look through it again and again."""

import gc
from typing import TypeVar

# Between two looks at the youngest objects: a consumer's batch makes some ten thousand, and most die with it.
NEW_OBJECTS = 10_000

T = TypeVar("T")


def long_lived(application: T) -> T:
    """Give the application back; all that exists by now is left out of later collections.

    For the last line of a process's start. Modules, routes and models are some hundred thousand objects without
    garbage among them; a full collection, begun by any piece of work that makes many objects, visits each of them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
    return application
