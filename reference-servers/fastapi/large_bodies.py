"""The routes of CONTRACT.md for large bodies: /body sends one, /upload takes one; neither holds it."""

import hashlib
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

BODY_BYTES_MAX = 64 * 1024 * 1024
UPLOAD_BYTES_MAX = 256 * 1024 * 1024
BLOCK = b"0123456789abcdef" * 4_096

router = APIRouter()


class Upload(BaseModel):
    bytes: int
    sha256: str


@router.get("/body")
async def body(bytes: Annotated[int, Query(ge=0, le=BODY_BYTES_MAX)]) -> StreamingResponse:
    headers = {"Content-Length": str(bytes)}
    return StreamingResponse(blocks(bytes), media_type="application/octet-stream", headers=headers)


async def blocks(left: int) -> AsyncIterator[bytes]:
    while left > 0:
        yield BLOCK[:left]
        left -= len(BLOCK)


@router.post("/upload")
async def upload(request: Request, content_length: Annotated[int, Header()] = 0) -> Upload:
    if content_length > UPLOAD_BYTES_MAX:
        raise too_large()
    digest, received = hashlib.sha256(), 0
    async for part in request.stream():
        received += len(part)
        if received > UPLOAD_BYTES_MAX:
            raise too_large()
        digest.update(part)
    return Upload(bytes=received, sha256=digest.hexdigest())


def too_large() -> HTTPException:
    # What is left of the body is not read, so the connection is of no more use.
    return HTTPException(413, f"The body has more than {UPLOAD_BYTES_MAX} bytes.", {"Connection": "close"})
