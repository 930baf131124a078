"""What a kind of source does: prove where a delivery comes from, and read it in the words of kind `standard`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conveyor.kit.refusals import FieldError, Refusal
from handoff_bus.sources.kinds.standard.schema import OutsideEvent


class BadSignature(Refusal):
    """The delivery is not signed with a secret of this source."""

    kind = "unauthenticated"


class StaleTimestamp(Refusal):
    """The delivery was signed more than five minutes ago, or later than now; sign it again."""

    kind = "unauthenticated"


class UnreadableDelivery(Refusal):
    """The body is not what this kind of source sends."""

    kind = "invalid"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery at the door. Header names are lower case."""

    headers: Mapping[str, str]
    body: bytes
    at: datetime


Verify = Callable[[Arrival, Sequence[bytes]], str]
"""Gives the dedupe key; raises BadSignature or StaleTimestamp. The keys come from `read_secret`."""
Parse = Callable[[bytes], Sequence[OutsideEvent]]
"""Gives what the body says; raises UnreadableDelivery with pointers."""


@dataclass(frozen=True, slots=True)
class SourceKind:
    """One kind: how its secret looks, how a delivery is verified and read."""

    name: str
    verify: Verify
    parse: Parse
    mint_secret: Callable[[], str]
    read_secret: Callable[[str], bytes]
    """The signing key in a secret; raises ValueError with what is wrong."""
    check_settings: Callable[[Mapping[str, Any]], Sequence[FieldError]]
    """What is wrong with `settings`, its `secret` left aside."""
    redacted_headers: frozenset[str]
