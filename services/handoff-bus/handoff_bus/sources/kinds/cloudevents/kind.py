"""Kind `cloudevents`. The secret is the bearer token of the webhook binding; `data` is in the words of kind `standard`.

The type is one of those words, maybe with the sender's prefix and a version (`ru.example.call.finished.v1`), or what
the settings translate into one. Other types have no words in the bus.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from handoff_bus.sources.formats.events import event_of, hashed
from handoff_bus.sources.formats.instants import from_iso
from handoff_bus.sources.formats.proofs import check_bearer, check_secret, mint_token, query_value, read_token
from handoff_bus.sources.formats.trees import unreadable
from handoff_bus.sources.kinds.cloudevents.envelopes import CloudEvent, events_of
from handoff_bus.sources.kinds.kind import ProviderAnswer, SourceKind, SourceSettings, UnreadableDelivery, by_token
from handoff_bus.sources.kinds.reading import Reading, Silence
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.standard.schema import OutsideEvent

Word = Literal["call.finished", "payment.received", "payment.refunded", "lead.received", "reply.received"]
TypeName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Origin = Annotated[str, StringConstraints(min_length=1, max_length=253)]

_WORD = re.compile(
    r"(?:.*\.)?(call\.finished|payment\.received|payment\.refunded|lead\.received|reply\.received)(?:\.v[0-9]+)?"
)
_ORIGIN = re.compile(r"[\x21-\x7e]{1,253}")
_ACCESS_TOKEN = "access_token"  # noqa: S105 - the name of a parameter


class CloudEventsSettings(SourceSettings):
    """`types` says which word a type means; `allowed_origins` who may ask by the handshake (empty: everybody)."""

    types: Annotated[Mapping[TypeName, Word], Field(max_length=200)] = Field(default_factory=dict)
    allowed_origins: Annotated[tuple[Origin, ...], Field(max_length=100)] = ()


def verify(request: RawRequest, keys: Sequence[bytes], _: CloudEventsSettings) -> None:
    """The bearer token, in the header or as `access_token` in the address. Raises BadSignature."""
    if "authorization" in request.headers:
        check_bearer(request, keys)
    else:
        check_secret(query_value(request, _ACCESS_TOKEN), keys)


def greet(request: RawRequest, settings: CloudEventsSettings) -> ProviderAnswer | None:
    """Answers the handshake (OPTIONS with WebHook-Request-Origin) of the webhook binding."""
    if request.method != "OPTIONS":
        return None
    origin = request.headers.get("webhook-request-origin", "")
    is_welcome = not settings.allowed_origins or origin in settings.allowed_origins
    if not _ORIGIN.fullmatch(origin) or not is_welcome:
        # Without the allowing header the sender must not deliver.
        return ProviderAnswer(media_type=None)
    allowed = {"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*", "Allow": "POST, PUT"}
    return ProviderAnswer(media_type=None, headers=allowed)


def parse(request: RawRequest, settings: CloudEventsSettings) -> Reading:
    """The events whose type is a word of the bus. Raises UnreadableDelivery."""
    found = events_of(request)
    key = hashed(*(part for event in found for part in (event.source, event.id)))
    events = tuple(read for event in found if (read := _read(event, request, settings)) is not None)
    topic = ",".join(sorted({event.type for event in found}))
    silence = (
        None if events else Silence("nothing_to_say", f"{topic[:200] or 'An empty batch'} has no words in the bus.")
    )
    return Reading(key, events, silence, topic=topic)


def _read(event: CloudEvent, request: RawRequest, settings: CloudEventsSettings) -> OutsideEvent | None:
    known = _WORD.fullmatch(event.type)
    word = settings.types.get(event.type) or (known[1] if known else None)
    if word is None:
        return None
    at = from_iso(event.time) if event.time else request.at
    if at is None:
        place = f"{event.where}/time"
        raise unreadable(place, "must be RFC 3339 with a zone")
    if not isinstance(event.data, dict):
        place = f"{event.where}/data"
        raise unreadable(place, f"must be the data of {word}")
    try:
        return event_of(word, at, event.data)
    except UnreadableDelivery as refused:
        raise unreadable(event.where + refused.errors[0].pointer, refused.errors[0].message) from None


CLOUDEVENTS = SourceKind(
    name="cloudevents",
    settings=CloudEventsSettings,
    trust=by_token,
    verify=verify,
    parse=parse,
    greet=greet,
    methods=frozenset({"POST", "PUT"}),
    mint_secret=mint_token,
    read_secret=read_token,
    keeps_unreadable=False,
    redacted_query=frozenset({_ACCESS_TOKEN}),
)
