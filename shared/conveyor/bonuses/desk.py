"""What every part of the room is given: whose bonuses these are, the database, and whether the stream is read."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.kit.database import Database


class CaughtUp(Protocol):
    """Whether, in time, everything that had been said by now was handled here."""

    async def __call__(self, *, seconds_max: float) -> bool:
        """Wait at most `seconds_max`."""
        ...


async def _nothing_to_catch_up_with(*, seconds_max: float) -> bool:  # noqa: ARG001 - there is no stream to wait for
    return True


@dataclass(slots=True)
class Desk:
    """`caught_up` is the consumer's, once the room is attached to its service."""

    role: BonusRole
    database: Database
    caught_up: CaughtUp = field(default=_nothing_to_catch_up_with)
    patience_seconds: float = 20.0
    """How long a closing waits until it has caught up."""
    replay_wanted: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a replay was asked for; wakes the worker."""
