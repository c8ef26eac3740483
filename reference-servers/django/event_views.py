"""The view of /events, server-sent events with known gaps, and the answer to what should be a handshake."""

import asyncio

from django.http import StreamingHttpResponse

from parameters import whole_number
from problems import ProblemError, problem


async def events(request):
    count = whole_number(request, "count", 0, 1_000_000)
    gap_ms = whole_number(request, "gap_ms", 0, 10_000)
    if count == 0 and gap_ms == 0:
        raise ProblemError(400, "A stream without end needs a gap between its events.")
    return StreamingHttpResponse(event_stream(count, gap_ms / 1_000), content_type="text/event-stream")


async def event_stream(count, gap_s):
    """Event n is due n gaps after the request, so that no delay adds up."""
    loop = asyncio.get_running_loop()
    start, number = loop.time(), 0
    while count == 0 or number < count:
        number += 1
        await asyncio.sleep(start + number * gap_s - loop.time())
        yield f"id: {number}\ndata: event {number}\n\n"


async def upgrade_required(request, name=None):
    response = problem(426, "This route speaks WebSocket only.")
    response["Upgrade"] = "websocket"
    return response
