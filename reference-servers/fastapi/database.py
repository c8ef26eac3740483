"""The database of CONTRACT.md, by asyncpg: one pool a process; asyncpg prepares each statement once a connection."""

import os
from collections.abc import AsyncIterator
from typing import Annotated

import asyncpg
from fastapi import Depends, HTTPException, Request

POOL_SIZE = int(os.environ.get("DATABASE_POOL_SIZE", "10"))
CONNECT_SECONDS = 5


def open_database() -> asyncpg.Pool:
    """The pool, which opens when it is entered and lasts as long as the process serves."""
    url = os.environ["DATABASE_URL"]
    return asyncpg.create_pool(url, min_size=POOL_SIZE, max_size=POOL_SIZE, timeout=CONNECT_SECONDS)


async def acquire(request: Request) -> AsyncIterator[asyncpg.Connection]:
    """A connection for the time of one request; a database that cannot be reached is a 503."""
    try:
        async with request.state.database.acquire(timeout=CONNECT_SECONDS) as connection:
            yield connection
    except (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError) as error:
        raise HTTPException(503, "The database cannot be reached.") from error


# Given back before the answer is sent, so that a slow client holds no connection.
Connection = Annotated[asyncpg.Connection, Depends(acquire, scope="function")]
