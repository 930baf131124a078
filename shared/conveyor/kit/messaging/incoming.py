"""A message from the stream as a checked event, or the reason why it is no fact of the service it came from.

The broker's permissions alone do not stop a forger (a service can let the server write into a foreign subject as a
reply), so nothing of a message is trusted before all parts agree: subject, source, type, key and data.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from conveyor.contracts.envelope import Envelope
from conveyor.contracts.registry import FACT_KINDS, KIND_OF_TYPE
from conveyor.kit.context import RequestContext
from conveyor.kit.messaging.events import Event, Handler, Listeners

_KNOWN_CODES = frozenset(kind.code for kind in FACT_KINDS)


class NotAFact(Exception):
    """The message must not be applied; the text says why."""


@dataclass(frozen=True, slots=True)
class Message:
    """What came over the stream, untouched."""

    subject: str
    body: bytes
    stream_seq: int

    @property
    def digest(self) -> bytes:
        """SHA-256 of the body."""
        return hashlib.sha256(self.body).digest()


@dataclass(frozen=True, slots=True)
class Incoming:
    """A checked event with those who hear it."""

    message: Message
    event: Event[Any]
    handlers: Sequence[Handler[Any]]
    context: RequestContext

    @property
    def event_id(self) -> UUID:
        """The event's id, by which repetitions are known."""
        return self.event.id

    @property
    def text(self) -> str:
        """The body as text; it was read as JSON."""
        return self.message.body.decode()


def read_message(message: Message, *, listeners: Listeners, service: str) -> Incoming | None:
    """The event of a message; None when nobody here hears it. Raises NotAFact."""
    try:
        envelope = Envelope.model_validate_json(message.body)
    except ValidationError as wrong:
        msg = f"no valid envelope: {_places(wrong)}"
        raise NotAFact(msg) from wrong
    if envelope.nats_subject != message.subject:
        msg = "the subject is not the one of its type and key"
        raise NotAFact(msg)
    _, said_by, code = envelope.type.split(".", 2)
    if said_by != envelope.service:
        msg = f"{envelope.service} does not own this subject"
        raise NotAFact(msg)
    kind = KIND_OF_TYPE.get(envelope.type)
    if kind is None:
        if code in _KNOWN_CODES:
            msg = f"{envelope.service} may not say {code}"
            raise NotAFact(msg)
        return None  # a fact of a newer version of its service
    handlers = listeners.of(kind, envelope.service)
    if not handlers:
        return None
    try:
        fact = kind.model.model_validate(envelope.data)
    except ValidationError as wrong:
        msg = f"the data is no {kind.code}: {_places(wrong)}"
        raise NotAFact(msg) from wrong
    if kind.key_of(fact) != envelope.subject:
        msg = "the key is not the one of its data"
        raise NotAFact(msg)
    event: Event[Any] = Event(
        id=envelope.id,
        service=envelope.service,
        kind=kind,
        key=envelope.subject,
        occurred_at=envelope.time,
        recorded_at=envelope.recordedtime,
        actor=envelope.actor,
        correlation_id=envelope.correlationid,
        causation_id=envelope.causationid,
        fact=fact,
    )
    context = RequestContext(
        actor=f"service:{service}",
        correlation_id=envelope.correlationid,
        causation_id=envelope.id,
        traceparent=envelope.traceparent,
    )
    return Incoming(message=message, event=event, handlers=handlers, context=context)


def _places(wrong: ValidationError) -> str:
    found = [
        f"{'/'.join(str(part) for part in error['loc']) or '(whole)'}: {error['type']}"
        for error in wrong.errors(include_input=False, include_url=False, include_context=False)
    ]
    return "; ".join(found[:10])
