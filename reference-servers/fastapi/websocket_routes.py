"""The routes of CONTRACT.md under /ws: an echo, rooms of a chat, and documents that their members write together."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, WebSocket

from documents import Document
from rooms import Rooms

UNSUPPORTED_DATA, POLICY_VIOLATION = 1003, 1008

Name = Annotated[str, Path(pattern="^[a-z0-9-]{1,64}$")]

router = APIRouter(prefix="/ws")


async def messages(socket: WebSocket) -> AsyncIterator[dict]:
    """The messages that come, each counted, until the connection ends."""
    while (message := await socket.receive())["type"] == "websocket.receive":
        socket.app.state.request_count.add()
        yield message


def as_sent(message: dict) -> dict:
    """A message that came, as one to be sent."""
    return {**message, "type": "websocket.send"}


@contextmanager
def joined(rooms: Rooms, name: str, socket: WebSocket) -> Iterator[None]:
    """A member's time in a room. It begins with the answer to the handshake, so that no message is missed."""
    rooms.join(name, socket)
    try:
        yield
    finally:
        rooms.leave(name, socket)


def refuse_requests(router: APIRouter, path: str) -> None:
    """What is no handshake is told so."""

    @router.get(path)
    async def upgrade_required() -> None:
        headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
        raise HTTPException(426, "This route speaks WebSocket only.", headers)


@router.websocket("/echo")
async def echo(socket: WebSocket) -> None:
    await socket.accept()
    async for message in messages(socket):
        await socket.send(as_sent(message))


refuse_requests(router, "/echo")

# Rooms and documents live in the process, so that only a server of one process has them.
if os.environ.get("CLAIMBENCH_PROCESSES", "1") == "1":
    rooms, writers = Rooms(), Rooms()
    documents: dict[str, Document] = {}

    @router.websocket("/rooms/{name}")
    async def room(socket: WebSocket, name: Name) -> None:
        await socket.accept()
        with joined(rooms, name, socket):
            async for message in messages(socket):
                await rooms.broadcast(name, as_sent(message))

    @router.websocket("/documents/{name}")
    async def document(socket: WebSocket, name: Name) -> None:
        await socket.accept()
        document = documents.setdefault(name, Document())
        try:
            with joined(writers, name, socket):
                await socket.send_text(document.as_message())
                await write(socket, name, document)
        finally:
            if writers.is_empty(name):
                documents.pop(name, None)

    async def write(socket: WebSocket, name: str, document: Document) -> None:
        async for message in messages(socket):
            if (written := message.get("text")) is None:
                await socket.close(UNSUPPORTED_DATA)
            elif (edit := document.edit(written)) is None:
                await socket.close(POLICY_VIOLATION, "No edit: AT DELETE TEXT.")
            else:
                await writers.broadcast(name, {"type": "websocket.send", "text": edit})

    refuse_requests(router, "/rooms/{name}")
    refuse_requests(router, "/documents/{name}")
