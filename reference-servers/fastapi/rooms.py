"""Rooms of a chat: what one member sends, everyone in the room receives, its sender too."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

# Whoever keeps the others waiting so long is disconnected.
BEHIND_SECONDS_MAX = 1.0
TRY_AGAIN_LATER = 1013


class Room:
    """Who is there, and whose turn it is to be heard."""

    def __init__(self) -> None:
        # In the order in which they came.
        self.members: dict[WebSocket, None] = {}
        # Held by one message at a time, so that all members hear them in one order.
        self.speaking = asyncio.Lock()


class Rooms:
    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}
        self._closing: set[asyncio.Task] = set()

    def join(self, name: str, socket: WebSocket) -> None:
        self._rooms.setdefault(name, Room()).members[socket] = None

    def leave(self, name: str, socket: WebSocket) -> None:
        if (room := self._rooms.get(name)) is not None:
            room.members.pop(socket, None)
            if not room.members:
                del self._rooms[name]

    def is_empty(self, name: str) -> bool:
        return name not in self._rooms

    async def broadcast(self, name: str, message: dict) -> None:
        """Sends an ASGI message to all who are in a room now. Who is too far behind has to leave, and nobody else."""
        if (room := self._rooms.get(name)) is None:
            return
        # Those who come while one of them is waited for get what is said from then on.
        present = tuple(room.members)
        async with room.speaking:
            members = (member for member in present if member in room.members)
            late = await send_until_behind(members, message)
            if late:
                # Where one is behind there may be many: the rest are waited for all at once.
                rest = [send_until_behind(iter([member]), message) for member in members]
                late += [member for behind in await asyncio.gather(*rest) for member in behind]
            for member in late:
                self.leave(name, member)
                self._close(member)

    def _close(self, member: WebSocket) -> None:
        # Not waited for: whoever does not read what is sent does not read that it is over.
        task = asyncio.create_task(close(member))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def send_until_behind(members: Iterator[WebSocket], message: dict) -> list[WebSocket]:
    """Sends a message to one member after the other, and gives the one that is not done with it in time, if any.

    The time is that of all together. It is no less for the last: while one is waited for, the others are sent nothing.
    """
    member = None
    try:
        async with asyncio.timeout(BEHIND_SECONDS_MAX):
            for member in members:
                # One that has gone leaves as soon as its own route notices.
                with suppress(WebSocketDisconnect, RuntimeError):
                    await member.send(message)
    except TimeoutError:
        return [member]
    return []


async def close(member: WebSocket) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        await member.close(TRY_AGAIN_LATER)
