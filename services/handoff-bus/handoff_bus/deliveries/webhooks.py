"""The door for outside systems: `POST /webhooks/{source}`. The signature is the authentication."""

import hashlib
from datetime import datetime, timedelta

import orjson
from fastapi import APIRouter, Request, Response

from conveyor.kit.http.models import AnswerModel
from conveyor.kit.refusals import FieldError, Refusal
from handoff_bus.bus import Bus
from handoff_bus.deliveries.intake import Parcel
from handoff_bus.sources.book import OpenSource
from handoff_bus.sources.kinds.kind import Arrival, UnreadableDelivery
from handoff_bus.sources.kinds.standard.schema import OutsideEvent, happened_at

# Clocks of telephony boxes run a little fast; anything further ahead is a mistake.
AHEAD_MAX = timedelta(minutes=5)
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key"})
_HEADERS_MAX = 64
REDACTED = "[redacted]"

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
    responses={200: {"model": Taken, "description": "The same delivery came before: its id."}},
)
async def receive_delivery(request: Request) -> Response:
    """A delivery in the format of the source's kind. 202 means that it is durable; it takes effect once.

    401 bad signature or stale timestamp, 404 unknown source, 409 known id with another body, 413 above 256 KiB,
    422 not the schema, 503 (with Retry-After) not durable: send again.
    """
    # The hottest route of all: it takes the bare request, for solving dependencies costs more than the whole of it.
    bus: Bus = request.app.state.bus
    opened = await bus.sources.find(request.path_params["source"])
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.scope["headers"]}
    arrival = Arrival(headers=headers, body=await request.body(), at=bus.database.clock.now())
    dedupe_key = opened.kind.verify(arrival, opened.keys_at(arrival.at))
    events = opened.kind.parse(arrival.body)
    for event in events:
        _refuse_the_future(event, now=arrival.at)
    receipt = await bus.intake.take(
        Parcel(
            source_id=opened.source_id,
            dedupe_key=dedupe_key,
            body=arrival.body,
            body_sha256=hashlib.sha256(arrival.body).digest(),
            headers=_kept_headers(opened, headers),
            received_at=arrival.at,
            type=events[0].type,
        )
    )
    if receipt.outcome == "conflict":
        raise DeliveryBodyConflict(delivery_id=str(receipt.delivery_id))
    body = orjson.dumps({"delivery_id": str(receipt.delivery_id)})
    return Response(body, 202 if receipt.outcome == "stored" else 200, media_type="application/json")


def _refuse_the_future(event: OutsideEvent, *, now: datetime) -> None:
    pointer, instant = happened_at(event)
    if instant > now + AHEAD_MAX:
        raise UnreadableDelivery(errors=[FieldError(pointer, "must not lie in the future")])


def _kept_headers(source: OpenSource, headers: dict[str, str]) -> dict[str, str]:
    kept = headers if len(headers) <= _HEADERS_MAX else dict(list(headers.items())[:_HEADERS_MAX])
    for name in source.kind.redacted_headers:
        if name in kept:
            kept[name] = REDACTED
    for name in _SECRET_HEADERS & kept.keys():
        kept[name] = REDACTED
    return kept
