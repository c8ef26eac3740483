"""The route of CONTRACT.md under /events: server-sent events with known gaps between them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import StreamingResponse

router = APIRouter(prefix="/events")


@router.get("")
async def events(
    count: Annotated[int, Query(ge=0, le=1_000_000)],
    gap_ms: Annotated[int, Query(ge=0, le=10_000)],
) -> StreamingResponse:
    if count == 0 and gap_ms == 0:
        raise HTTPException(400, "A stream without end needs a gap between its events.")
    return StreamingResponse(event_stream(count, gap_ms / 1_000), media_type="text/event-stream")


async def event_stream(count: int, gap_s: float) -> AsyncIterator[str]:
    """Event n is due n gaps after the request, so that no delay adds up."""
    loop = asyncio.get_running_loop()
    start, number = loop.time(), 0
    while count == 0 or number < count:
        number += 1
        await asyncio.sleep(start + number * gap_s - loop.time())
        yield f"id: {number}\ndata: event {number}\n\n"
