"""Rooms over all processes of a server: each passes its members' messages to the others by way of Redis."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import redis.asyncio

from rooms import Rooms

CHANNEL = b"room:"
TRY_AGAIN_SECONDS = 0.1
# The first byte of what is published says what the message was.
TEXT, BINARY = b"t", b"b"


class SharedRooms(Rooms):
    def __init__(self, client: redis.asyncio.Redis) -> None:
        super().__init__()
        self._client = client

    async def publish(self, name: str, message: dict) -> None:
        text = message.get("text")
        payload = BINARY + message["bytes"] if text is None else TEXT + text.encode()
        await self._client.publish(CHANNEL + name.encode(), payload)

    async def pass_on(self, subscription: redis.asyncio.client.PubSub) -> None:
        """Passes what all processes publish to the members in this one, for ever."""
        while True:
            try:
                async for published in subscription.listen():
                    if published["type"] == "pmessage":
                        await self.tell(published["channel"].removeprefix(CHANNEL).decode(), published["data"])
            except redis.exceptions.ConnectionError:
                # It subscribes anew once Redis is there again.
                await asyncio.sleep(TRY_AGAIN_SECONDS)

    async def tell(self, name: str, payload: bytes) -> None:
        content = {"text": payload[1:].decode()} if payload.startswith(TEXT) else {"bytes": payload[1:]}
        await self.broadcast(name, {"type": "websocket.send", **content})


@asynccontextmanager
async def open_shared_rooms() -> AsyncIterator[SharedRooms]:
    """Rooms on the Redis of the environment; ready once this process hears the others."""
    # One that waits for a connection where all are in use: the other pool fails there, as if Redis were gone.
    pool = redis.asyncio.BlockingConnectionPool.from_url(os.environ["REDIS_URL"])
    client = redis.asyncio.Redis.from_pool(pool)
    rooms = SharedRooms(client)
    async with client, client.pubsub() as subscription:
        # One subscription a process, not one a room: none can be missed between two members.
        await subscription.psubscribe(CHANNEL + b"*")
        passing = asyncio.create_task(rooms.pass_on(subscription))
        yield rooms
        passing.cancel()
        with suppress(asyncio.CancelledError):
            await passing
