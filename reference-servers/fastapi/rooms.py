"""Rooms of a chat: what one member sends, everyone in the room receives, its sender too."""

import asyncio
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

# Whoever keeps the others waiting so long is disconnected.
BEHIND_SECONDS_MAX = 1.0
TRY_AGAIN_LATER = 1013


class Rooms:
    def __init__(self) -> None:
        self._members: dict[str, set[WebSocket]] = {}

    def join(self, name: str, socket: WebSocket) -> None:
        self._members.setdefault(name, set()).add(socket)

    def leave(self, name: str, socket: WebSocket) -> None:
        members = self._members.get(name, set())
        members.discard(socket)
        if not members:
            self._members.pop(name, None)

    def is_empty(self, name: str) -> bool:
        return name not in self._members

    async def broadcast(self, name: str, message: dict) -> None:
        """Sends an ASGI message to all members of a room."""
        slow = None
        try:
            async with asyncio.timeout(BEHIND_SECONDS_MAX):
                # A copy: members come and go while one of them is waited for.
                for member in tuple(self._members.get(name, ())):
                    slow = member
                    # One that has gone leaves as soon as its own route notices.
                    with suppress(WebSocketDisconnect, RuntimeError):
                        await member.send(message)
        except TimeoutError:
            self.leave(name, slow)
            with suppress(RuntimeError):
                await slow.close(TRY_AGAIN_LATER)
