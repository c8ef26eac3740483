"""The database of CONTRACT.md, by asyncpg: one pool a process; asyncpg prepares each statement once a connection."""

import asyncio
import math
import os
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Annotated

import asyncpg
from fastapi import Depends, HTTPException, Request

POOL_SIZE = int(os.environ.get("DATABASE_POOL_SIZE", "10"))
CONNECT_SECONDS = 5
# The last is that of a server that stops, or does not take connections yet.
UNREACHABLE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
)


class Connections:
    """A pool that opens as soon as the database can be reached, be it before the first request or later."""

    def __init__(self) -> None:
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection for the time of some statements; a database that cannot be reached is a 503."""
        try:
            pool = self._pool or await self.open()
            async with pool.acquire(timeout=CONNECT_SECONDS) as connection:
                yield connection
        except UNREACHABLE as error:
            raise HTTPException(503, "The database cannot be reached.") from error

    async def open(self) -> asyncpg.Pool:
        """Opens all connections, unless they are. Nobody waits for that longer than for a connection."""
        async with asyncio.timeout(CONNECT_SECONDS), self._opening:
            if self._pool is None:
                self._pool = await create_pool()
        return self._pool

    async def aclose(self) -> None:
        if self._pool is not None:
            await self._pool.close()


def create_pool() -> asyncpg.Pool:
    return asyncpg.create_pool(os.environ["DATABASE_URL"], **pool_settings())


def pool_settings() -> dict:
    """What differs from asyncpg's defaults; the reasons are in server.toml. A newcomer has none of it."""
    if os.environ.get("CLAIMBENCH_MODE") == "stock":
        return {}
    return {
        "min_size": POOL_SIZE,
        "max_size": POOL_SIZE,
        "max_queries": math.inf,
        "max_cached_statement_lifetime": 0,
        "reset": leave_as_is,
        "timeout": CONNECT_SECONDS,
    }


async def leave_as_is(_: asyncpg.Connection) -> None:
    """No statement here changes a session. Before it is asked, asyncpg has rolled back what was left open."""


@asynccontextmanager
async def open_database() -> AsyncIterator[Connections]:
    """The connections, for as long as the process serves. It does so without a database too, and answers 503."""
    async with aclosing(Connections()) as connections:
        with suppress(*UNREACHABLE):
            await connections.open()
        yield connections


async def database(request: Request) -> Connections:
    return request.state.database


Database = Annotated[Connections, Depends(database)]
