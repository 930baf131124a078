"""Uploads over HTTP: the bare bytes of a file as the body."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from conveyor.kit.http.auth import Principal, allow
from handoff_bus.bus import TheBus
from handoff_bus.sources import queries
from handoff_bus.sources.uploads.upload_file import UploadView, upload_file

router = APIRouter(prefix="/sources", tags=["sources"])

FILE_BYTES_MAX = 16 * 1024 * 1024
Uploader = Annotated[Principal, Depends(allow("admin", "head", "integration"))]
_FILE = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


@router.post(
    "/{source_id}/uploads",
    status_code=201,
    max_body_size=FILE_BYTES_MAX,
    openapi_extra={"requestBody": {"required": True, "content": _FILE}},
)
async def create_upload(
    source_id: UUID,
    request: Request,
    bus: TheBus,
    _: Uploader,
    name: Annotated[str, Query(max_length=200, pattern=r"^[^\x00-\x1f]*$")] = "",
) -> UploadView:
    """Upload a file of this source, such as a bank statement. 409 `source-takes-no-files`, 422 naming the part."""
    async with bus.database.reading() as session:
        found = (await queries.find_source(session, source_id=source_id)).name
    source = await bus.sources.find(found)
    return await upload_file(bus.database, bus.intake, source, body=await request.body(), name=name)
