"""Raw requests for the tests of kinds, and what is read from them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from handoff_bus.sources.kinds.kind import BadSignature, SourceKind, StaleTimestamp
from handoff_bus.sources.kinds.read import read_delivery
from handoff_bus.sources.kinds.reading import Fetched, Reading
from handoff_bus.sources.kinds.request import RawRequest

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
SAMPLES = Path(__file__).parent / "samples"
Json = dict[str, Any]


def sample(name: str) -> bytes:
    """The bytes of a sample: the keys and shape of a real delivery, the values made anew."""
    return (SAMPLES / name).read_bytes()


def raw(body: bytes | str, **more: Any) -> RawRequest:
    """A request to the source `crm`; `headers` in lower case."""
    given = {"headers": {}, "at": NOW, "source": "crm", **more}
    return RawRequest(body=body if isinstance(body, bytes) else body.encode(), **given)


def read(
    kind: SourceKind[Any],
    request: RawRequest | bytes | str,
    settings: Json | None = None,
    fetched: Fetched | None = None,
) -> Reading:
    """What the kind reads."""
    request = request if isinstance(request, RawRequest) else raw(request)
    return read_delivery(kind, request, kind.settings.model_validate(settings or {}), fetched)


def facts(reading: Reading) -> list[Json]:
    """Its events as the trial shows them."""
    return [{"type": event.type, **event.data.model_dump(mode="json", exclude_none=True)} for event in reading.events]


def silence(reading: Reading) -> str | None:
    """Why it says nothing."""
    assert not reading.events
    return reading.silence.reason if reading.silence else None


def is_proven(kind: SourceKind[Any], request: RawRequest, *secrets: str, **settings: Any) -> bool:
    """Whether the kind believes the request."""
    try:
        kind.verify(request, [kind.read_secret(secret) for secret in secrets], kind.settings.model_validate(settings))
    except (BadSignature, StaleTimestamp):
        return False
    return True


def flipped(body: bytes, place: int) -> bytes:
    """The body with one bit changed."""
    place %= len(body)
    return body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
