"""The routes of CONTRACT.md in FastAPI."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from http import HTTPStatus
from typing import Annotated

import aiohttp
from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.routing import Match
from starlette.types import Scope
from starlette.websockets import WebSocket

import event_routes
import large_bodies
import page_routes
import websocket_routes
from body_limit import LimitBody
from kernels import KERNELS, Kernel
from request_count import CountAsgi, RequestCount
from schemas import mistakes
from stats import stats

UPSTREAM_URL = os.environ.get("UPSTREAM_URL", "http://127.0.0.1:9000")
UPSTREAM_TIMEOUT = aiohttp.ClientTimeout(total=30, connect=5)
SERVER_SOFTWARE = os.environ.get("SERVER_SOFTWARE", "uvicorn")
# `thread`: CPU routes are plain functions, which FastAPI runs in its thread pool.
# `loop`: they are coroutines and block the loop.
CPU_ROUTES_ON_LOOP = os.environ.get("CPU_ROUTES", "thread") == "loop"

# A library is loaded in its own mode only.
match os.environ.get("NUMERIC"):
    case "numpy":
        from numeric_numpy import NUMPY_KERNELS as NUMERIC_KERNELS

        numeric_libraries = ["numpy"]
    case "onnx":
        from numeric_onnx import ONNX_KERNELS as NUMERIC_KERNELS

        numeric_libraries = ["onnxruntime", "numpy"]
    case "polars":
        from numeric_polars import POLARS_KERNELS as NUMERIC_KERNELS

        numeric_libraries = ["polars", "numpy"]
    case _:
        from numeric import NUMERIC_KERNELS

        numeric_libraries = []

# Without a database its routes are not there, and its libraries are not loaded.
if "DATABASE_URL" in os.environ:
    import database_routes
    import iot_routes
    import mobile_routes
    from database import open_database

    routers = [database_routes.router, mobile_routes.router, iot_routes.router]
else:
    open_database, routers = nullcontext, []
routers += [event_routes.router, large_bodies.router, websocket_routes.router, page_routes.router]

# The same for Redis, which is either the queue's or holds the rooms of all processes together.
open_shared_rooms = nullcontext
if "REDIS_URL" in os.environ:
    if os.environ.get("CLAIMBENCH_MODE") == "celery":
        import job_routes

        routers.append(job_routes.router)
    else:
        import shared_room_routes
        from shared_rooms import open_shared_rooms

        routers.append(shared_room_routes.router)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, object]]:
    connector = aiohttp.TCPConnector(limit=0)
    session = aiohttp.ClientSession(UPSTREAM_URL, connector=connector, timeout=UPSTREAM_TIMEOUT)
    async with session, open_database() as pool, open_shared_rooms() as rooms:
        yield {"upstream": session, "database": pool, "shared_rooms": rooms}


api = FastAPI(title="claimbench", lifespan=lifespan, openapi_url=None)
request_count = api.state.request_count = RequestCount()
api.add_middleware(LimitBody)
# Around the whole of FastAPI, which sends a 500 outside of all middleware that is added to it.
app = CountAsgi(api, request_count)
if os.environ.get("CLAIMBENCH_MODE") == "async-cpu":
    import job_routes_here

    routers.append(job_routes_here.router)

for router in routers:
    api.include_router(router)


class Item(BaseModel):
    id: int
    name: str
    price: float
    tags: list[str]


class Items(BaseModel):
    count: int
    items: list[Item]


class UpstreamAnswers(BaseModel):
    calls: int
    answers: list[str]


class CpuResult(BaseModel):
    kernel: str
    n: int
    result: int


class Digest(BaseModel):
    rounds: int
    digest: str


class Bystander(BaseModel):
    ok: bool


@api.get("/health", response_class=PlainTextResponse)
async def health() -> str:
    return "ok"


@api.get("/stats")
async def server_stats() -> dict:
    libraries = ["starlette", "pydantic", "uvloop", "httptools", "aiohttp", "websockets", "asyncpg", "pyjwt"]
    libraries += ["redis", "hiredis", *numeric_libraries]
    return stats("fastapi", "FastAPI", SERVER_SOFTWARE, libraries, request_count)


@api.get("/plain", response_class=PlainTextResponse)
async def plain() -> str:
    return "Hello, World!"


@api.get("/json")
async def json_items(items: Annotated[int, Query(ge=1, le=1_000)] = 10) -> Items:
    made = [Item(id=i, name=f"item-{i}", price=i + 0.5, tags=["a", "b"]) for i in range(items)]
    return Items(count=items, items=made)


@api.get("/upstream")
async def upstream(
    request: Request,
    delay_ms: Annotated[int, Query(ge=0, le=10_000)] = 20,
    calls: Annotated[int, Query(ge=1, le=16)] = 1,
) -> UpstreamAnswers:
    session = request.state.upstream
    try:
        answers = await asyncio.gather(*(call_upstream(session, delay_ms) for _ in range(calls)))
    except (aiohttp.ClientError, TimeoutError) as error:
        raise HTTPException(502, "The upstream did not answer.") from error
    return UpstreamAnswers(calls=calls, answers=answers)


@api.get("/bystander")
async def bystander() -> Bystander:
    return Bystander(ok=True)


def add_kernel_route(path: str, name: str, kernel: Kernel) -> None:
    N = Annotated[int, Query(ge=kernel.low, le=kernel.high)]

    def in_thread(n: N) -> CpuResult:
        return CpuResult(kernel=name, n=n, result=kernel.run(n))

    async def on_loop(n: N) -> CpuResult:
        return in_thread(n)

    api.get(path)(on_loop if CPU_ROUTES_ON_LOOP else in_thread)


def add_cpu_released_route() -> None:
    Rounds = Annotated[int, Query(ge=1, le=5_000_000)]

    def in_thread(rounds: Rounds = 20_000) -> Digest:
        digest = hashlib.pbkdf2_hmac("sha256", b"claimbench", b"released", rounds, 32)
        return Digest(rounds=rounds, digest=digest.hex())

    async def on_loop(rounds: Rounds = 20_000) -> Digest:
        return in_thread(rounds)

    api.get("/cpu-released")(on_loop if CPU_ROUTES_ON_LOOP else in_thread)


for kernel_name, cpu_kernel in KERNELS.items():
    add_kernel_route(f"/cpu/{kernel_name}", kernel_name, cpu_kernel)
for kernel_name, numeric_kernel in NUMERIC_KERNELS.items():
    add_kernel_route(f"/numeric/{kernel_name}", kernel_name, numeric_kernel)
add_cpu_released_route()


@api.exception_handler(StarletteHTTPException)
async def http_problem(request: Request, error: StarletteHTTPException) -> JSONResponse:
    headers = error.headers
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"Allow": ", ".join(methods_on(request.scope))}
    return problem(error.status_code, error.detail, headers)


@api.exception_handler(RequestValidationError)
async def validation_problem(_: Request, error: RequestValidationError) -> JSONResponse:
    return problem(400, mistakes(error.errors()))


@api.exception_handler(WebSocketRequestValidationError)
async def no_such_room(socket: WebSocket, _: WebSocketRequestValidationError) -> None:
    await socket.send_denial_response(problem(404, "There is no such route."))


@api.exception_handler(Exception)
async def unexpected_problem(_: Request, __: Exception) -> JSONResponse:
    return problem(500, "The server failed.")


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """A problem document (RFC 9457)."""
    title = HTTPStatus(status).phrase
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(content, status, headers, media_type="application/problem+json")


def methods_on(scope: Scope) -> list[str]:
    """The methods of all routes on a path; FastAPI itself names those of the first."""
    routes = [route for owner in (api, *routers) for route in owner.routes if isinstance(route, APIRoute)]
    found = [route.methods for route in routes if route.matches(scope)[0] is not Match.NONE]
    return sorted(set().union(*found))


async def call_upstream(session: aiohttp.ClientSession, delay_ms: int) -> str:
    async with session.get(f"/delay?ms={delay_ms}") as response:
        if response.status != 200:
            raise aiohttp.ClientError(f"status {response.status}")
        return await response.text()
