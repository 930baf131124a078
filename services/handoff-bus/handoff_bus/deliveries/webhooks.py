"""The door for outside systems: `POST /webhooks/{source}`. The proof that its kind asks for is the authentication."""

import hashlib

import orjson
from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from conveyor.kit.http.models import AnswerModel
from conveyor.kit.http.routing import UNPROVEN
from conveyor.kit.refusals import Refusal
from handoff_bus.bus import Bus
from handoff_bus.deliveries.arrivals import kept_headers, read_request
from handoff_bus.deliveries.intake import Parcel, Receipt
from handoff_bus.sources.book import OpenSource
from handoff_bus.sources.kinds.kind import ProviderAnswer, UnreadableDelivery
from handoff_bus.sources.kinds.read import read_delivery, storable_key, storable_topic
from handoff_bus.sources.kinds.reading import Reading
from handoff_bus.sources.kinds.request import RawRequest

router = APIRouter(prefix="/webhooks", tags=["webhooks"])


class DeliveryBodyConflict(Refusal):
    """A delivery with this id came before with another body; both are kept, this one is quarantined."""


class Taken(AnswerModel):
    """The delivery is durable under this id."""

    delivery_id: str


@router.post(
    "/{source}",  # noqa: FAST003 - read from the bare request, see below
    status_code=202,
    response_model=Taken,
    openapi_extra={
        "parameters": [{"name": "source", "in": "path", "required": True, "schema": {"type": "string"}}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
    },
    responses={
        200: {"model": Taken, "description": "The same delivery came before: its id."},
        **UNPROVEN,
    },
)
async def receive_delivery(request: Request) -> Response:
    """A delivery in the format of the source's kind. 202 means that it is durable; it takes effect once.

    401 bad signature or stale timestamp, 404 unknown source, 409 known id with another body, 413 above 256 KiB,
    422 not the schema, 503 (with Retry-After) not durable: send again. Kinds whose provider waits for an answer of its
    own get that once the delivery is durable, also when it is a repeated or a conflicting one.
    """
    # The hottest route of all: it takes the bare request, for solving dependencies costs more than the whole of it.
    bus: Bus = request.app.state.bus
    source = await bus.sources.find(request.path_params["source"])
    kind = source.kind
    raw = await read_request(request, source, now=bus.database.clock.now(), public_url=bus.public_url)
    greeting = kind.greet(raw, source.settings)
    if greeting is not None:
        return _response(greeting)
    if raw.method not in kind.methods:
        raise HTTPException(405, headers={"Allow": ", ".join(sorted(kind.methods))})
    try:
        kind.verify(raw, source.keys_at(raw.at), source.settings)
        reading = _reading(source, raw)
    except Refusal as refused:
        bus.door.note(source.source_id, refused.code, at=raw.at)
        raise
    receipt = await bus.intake.take(_parcel(source, raw, reading))
    if kind.answer is not None:
        return _response(kind.answer(raw, source.settings))
    if receipt.outcome == "conflict":
        raise DeliveryBodyConflict(delivery_id=str(receipt.delivery_id))
    return _taken(receipt)


@router.api_route("/{source}", methods=["GET", "PUT", "OPTIONS"], include_in_schema=False)
async def receive_otherwise(request: Request) -> Response:
    """Handshakes, and deliveries of kinds that do not come by POST. 405 for the others."""
    return await receive_delivery(request)


@router.api_route("/{source}/events/{event}", methods=["POST"], include_in_schema=False)
async def receive_event(request: Request) -> Response:
    """Mango Office appends `/events/summary` and the like to the address it was given; the body says the same."""
    return await receive_delivery(request)


def _reading(source: OpenSource, raw: RawRequest) -> Reading:
    try:
        return read_delivery(source.kind, raw, source.settings)
    except UnreadableDelivery:
        if not source.kind.keeps_unreadable:
            raise
        # Its origin is proven: kept for a person, and for a parser that knows more. Sent again it stays the same.
        return Reading(hashlib.sha256(raw.query.encode() + b"?" + raw.body).hexdigest(), topic="unreadable")


def _parcel(source: OpenSource, raw: RawRequest, reading: Reading) -> Parcel:
    body = source.kind.redact_body(raw.body)
    return Parcel(
        source_id=source.source_id,
        dedupe_key=storable_key(reading.dedupe_key),
        body=body,
        body_sha256=hashlib.sha256(body if reading.content is None else reading.content).digest(),
        headers=kept_headers(source, raw),
        received_at=raw.at,
        type=reading.type if reading.events else storable_topic(reading.type),
    )


def _taken(receipt: Receipt) -> Response:
    body = orjson.dumps({"delivery_id": str(receipt.delivery_id)})
    return Response(body, 202 if receipt.outcome == "stored" else 200, media_type="application/json")


def _response(answer: ProviderAnswer) -> Response:
    return Response(answer.body, answer.status, headers=dict(answer.headers), media_type=answer.media_type)
