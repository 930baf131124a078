"""A stored file as an answer: streamed, with its length and its hash."""

import base64
from collections.abc import AsyncIterator

from fastapi.responses import StreamingResponse


def download(
    content: AsyncIterator[bytes], *, media_type: str, file_name: str, sha256: str, size_bytes: int
) -> StreamingResponse:
    """`Repr-Digest` is that of RFC 9530, so that a reader sees what was cut off or changed on the way."""
    digest = base64.b64encode(bytes.fromhex(sha256)).decode()
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name}"',
        "Content-Length": str(size_bytes),
        "ETag": f'"{sha256}"',
        "Repr-Digest": f"sha-256=:{digest}:",
    }
    return StreamingResponse(content, media_type=media_type, headers=headers)
