"""What a delivery says, in the words of kind `standard`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from handoff_bus.sources.kinds.standard.schema import OutsideEvent

SilenceReason = Literal["test_traffic", "nothing_to_say", "thin_event", "gone_at_source"]


@dataclass(frozen=True, slots=True)
class Silence:
    """Why a delivery becomes no fact: `reason` is a stable code, `detail` the same for people."""

    reason: SilenceReason
    detail: str


@dataclass(frozen=True, slots=True)
class FetchPlan:
    """One call to the source's own API, whose answer completes or proves a delivery.

    `url` is built from the settings, never from an address that the delivery names. `name` tells the calls of one
    delivery apart; the answers come back to `SourceKind.complete` under it.
    """

    name: str
    url: str
    method: Literal["GET", "POST"] = "GET"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


Fetched = Mapping[str, bytes | None]
"""The answers to the fetch plans of a delivery, by name: the body, None when the source knows no such thing (404)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one delivery says: events, or calls to make first, or why it says nothing.

    `dedupe_key` is the same for the same delivery sent again. `content` is what must be the same then; the body itself
    where it is None (give it where a repeated delivery counts its attempts). `topic` is the provider's name for it.
    """

    dedupe_key: str
    events: tuple[OutsideEvent, ...] = ()
    silence: Silence | None = None
    fetches: tuple[FetchPlan, ...] = ()
    topic: str | None = None
    content: bytes | None = None

    @property
    def type(self) -> str:
        """What lists show: the type of its first event, else the provider's topic."""
        if self.events:
            return self.events[0].type
        return self.topic or "nothing"
