"""Take in a file: divided by its kind, each part made durable like a webhook. What came before is not taken twice."""

import asyncio
import hashlib
from uuid import UUID

from conveyor.kit.database import Database
from conveyor.kit.http.models import AnswerModel
from conveyor.kit.refusals import FieldError, Refusal
from handoff_bus.deliveries.intake import Intake, Parcel, Receipt
from handoff_bus.sources.book import OpenSource
from handoff_bus.sources.kinds.kind import UnreadableDelivery
from handoff_bus.sources.kinds.read import read_delivery, storable_key, storable_topic
from handoff_bus.sources.kinds.request import RawRequest

AT_ONCE = 200


class SourceTakesNoFiles(Refusal):
    """This kind of source sends webhooks; it has no files."""


class UploadView(AnswerModel):
    """What a file became. `repeated` parts came before, in this file or in another; their deliveries stay as they are.

    `delivery_ids` are in the order of the file, those of repeated parts included.
    """

    sha256: str
    parts: int
    stored: int
    repeated: int
    delivery_ids: list[UUID]


async def upload_file(database: Database, intake: Intake, source: OpenSource, *, body: bytes, name: str) -> UploadView:
    """Divide and store. Nothing is stored of a file with an unreadable part; a part is settled like a webhook.

    Raises SourceTakesNoFiles, UnreadableDelivery, IntakeUnavailable (send the file again: nothing is stored twice).
    """
    if source.kind.split is None:
        raise SourceTakesNoFiles
    sha256 = hashlib.sha256(body).hexdigest()
    headers = {"x-upload-sha256": sha256, "x-upload-name": name}
    now = database.clock.now()
    parts = source.kind.split(body)
    requests = [RawRequest(headers=headers, body=part, at=now, source=source.name) for part in parts]
    parcels = [_parcel(source, request, number) for number, request in enumerate(requests, start=1)]
    receipts: list[Receipt] = []
    for start in range(0, len(parcels), AT_ONCE):
        receipts += await asyncio.gather(*(intake.take(parcel) for parcel in parcels[start : start + AT_ONCE]))
    stored = sum(receipt.outcome == "stored" for receipt in receipts)
    return UploadView(
        sha256=sha256,
        parts=len(parcels),
        stored=stored,
        repeated=len(parcels) - stored,
        delivery_ids=[UUID(int=receipt.delivery_id.int) for receipt in receipts],
    )


def _parcel(source: OpenSource, request: RawRequest, number: int) -> Parcel:
    try:
        reading = read_delivery(source.kind, request, source.settings)
    except UnreadableDelivery as refused:
        errors = [FieldError(f"/{number}{error.pointer}", error.message) for error in refused.errors]
        raise UnreadableDelivery(errors=errors) from None
    return Parcel(
        source_id=source.source_id,
        dedupe_key=storable_key(reading.dedupe_key),
        body=request.body,
        body_sha256=hashlib.sha256(request.body if reading.content is None else reading.content).digest(),
        headers=dict(request.headers),
        received_at=request.at,
        type=reading.type if reading.events else storable_topic(reading.type),
    )
