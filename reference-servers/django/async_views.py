"""The routes of CONTRACT.md that are coroutines under ASGI: all that do no CPU work.

Their synchronous twins would run in the request's thread; what a view computes is the same and taken from there. The
view alone stays on the event loop: for signals and middleware the request goes to its thread all the same (README.md).
"""

import asyncio
import os

import aiohttp
from django.http import JsonResponse

import views
from problems import ProblemError

_session = None


async def health(request):
    return views.health(request)


async def server_stats(request):
    return views.server_stats(request)


async def plain(request):
    return views.plain(request)


async def json_items(request):
    return views.json_items(request)


async def bystander(request):
    return views.bystander(request)


async def upstream(request):
    delay_ms, calls = views.upstream_parameters(request)
    try:
        answers = await asyncio.gather(*(call_upstream(delay_ms) for _ in range(calls)))
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ProblemError(502, "The upstream did not answer.") from error
    return JsonResponse({"calls": calls, "answers": answers})


async def call_upstream(delay_ms):
    async with upstream_session().get(f"/delay?ms={delay_ms}") as response:
        if response.status != 200:
            raise aiohttp.ClientError(f"status {response.status}")
        return await response.text()


def upstream_session():
    """The one session of the process, opened on first use: it belongs to a loop, and Django knows no lifespan."""
    global _session
    if _session is None:
        _session = aiohttp.ClientSession(
            os.environ.get("UPSTREAM_URL", "http://127.0.0.1:9000"),
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=30, connect=5),
        )
    return _session
