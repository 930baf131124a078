"""What a kind of source does: prove where a delivery comes from, and read it in the words of kind `standard`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from conveyor.kit.refusals import Refusal
from handoff_bus.sources.kinds.reading import Fetched, FetchPlan, Reading
from handoff_bus.sources.kinds.request import RawRequest


class BadSignature(Refusal):
    """The delivery is not signed with a secret of this source."""

    kind = "unauthenticated"


class StaleTimestamp(Refusal):
    """The delivery was signed more than five minutes ago, or later than now; sign it again."""

    kind = "unauthenticated"


class UnreadableDelivery(Refusal):
    """The body is not what this kind of source sends."""

    kind = "invalid"


class SourceSettings(BaseModel):
    """The settings of a source. A field of type `SecretStr` is a credential: it is kept apart and never shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")


TELEPHONY_SILENT_AFTER_MINUTES = 120
"""A sales department that made no call for so long has a broken telephone, or a broken webhook."""

Trust = Literal["signature", "token", "address", "none"]
"""How a delivery proves its origin: signed bytes, a shared secret (token, basic auth), an allowed address, not at all.

Money from a source that is trusted by `address` or `none` is said only from what was fetched back from its API.
"""
WEAK: frozenset[Trust] = frozenset({"address", "none"})


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """The answer that a provider waits for."""

    body: bytes = b""
    status: int = 200
    media_type: str | None = "text/plain"
    headers: Mapping[str, str] = field(default_factory=dict)


S = TypeVar("S", bound=SourceSettings)


def _no_greeting(_: RawRequest, __: SourceSettings) -> None:
    return None


def _keep_body(body: bytes) -> bytes:
    return body


def _no_headers(_: SourceSettings) -> frozenset[str]:
    return frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceKind(Generic[S]):
    """One kind of source. Everything here is pure: bytes and settings in, values out."""

    name: str
    settings: type[S]
    trust: Callable[[S], Trust]
    verify: Callable[[RawRequest, Sequence[bytes], S], None]
    """Checks the raw bytes with the keys that are valid now; raises BadSignature or StaleTimestamp."""
    parse: Callable[[RawRequest, S], Reading]
    """Reads a delivery at the door and again when it is settled; raises UnreadableDelivery with pointers."""
    complete: Callable[[RawRequest, S, Fetched], Reading] | None = None
    """Reads a delivery whose `fetches` were made; needed by kinds that plan any."""
    authorize: Callable[[FetchPlan, S, bytes], FetchPlan] | None = None
    """Puts the newest key of the source into a call that proves itself with the secret; just before it is made."""
    split: Callable[[bytes], Sequence[bytes]] | None = None
    """For kinds whose files are uploaded: the bodies of the deliveries in a file; raises UnreadableDelivery."""
    answer: Callable[[RawRequest, S], ProviderAnswer] | None = None
    """The answer once a delivery is durable, new or repeated; 202 or 200 with its id where this is None."""
    greet: Callable[[RawRequest, S], ProviderAnswer | None] = _no_greeting
    """The answer to a handshake, which is no delivery and carries no proof; None for everything else."""
    methods: frozenset[str] = frozenset({"POST"})
    """The methods by which deliveries come."""
    mint_secret: Callable[[], str] | None
    """Makes a secret; None where only the provider can."""
    read_secret: Callable[[str], bytes]
    """The key in a secret; raises ValueError with what is wrong."""
    silent_after_minutes: int | None = None
    """Working minutes after which silence is an alarm, unless a source says otherwise; None: silence is usual."""
    tells_one: bool = False
    """Whether each delivery tells of one thing alone, so that all of it is about the lead that the thing is about."""
    reads_url: bool = False
    """Whether the address is signed too, so that `received_url` is needed."""
    keeps_unreadable: bool = True
    """Whether a proven delivery that cannot be read is kept (quarantined) and answered well, not refused with 422."""
    redacted_headers: frozenset[str] = frozenset()
    redacted_query: frozenset[str] = frozenset()
    redact_body: Callable[[bytes], bytes] = _keep_body
    """The body as it may be stored: no tokens in it."""
    headers_to_redact: Callable[[S], frozenset[str]] = _no_headers
    """More headers to redact, where the settings say which one is secret."""


def signed(_: Any) -> Trust:  # noqa: ANN401 - whatever the settings are
    """`trust` of a kind whose deliveries are signed."""
    return "signature"


def by_token(_: Any) -> Trust:  # noqa: ANN401 - whatever the settings are
    """`trust` of a kind whose deliveries carry a shared secret."""
    return "token"
