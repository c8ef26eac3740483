"""The route of CONTRACT.md under /ws/shared-rooms: rooms of a chat over all processes."""

from fastapi import APIRouter, WebSocket
from redis.exceptions import ConnectionError as RedisIsGoneError

from websocket_routes import Name, joined, messages, refuse_requests

INTERNAL_ERROR = 1011

router = APIRouter(prefix="/ws/shared-rooms")


@router.websocket("/{name}")
async def shared_room(socket: WebSocket, name: Name) -> None:
    await socket.accept()
    rooms = socket.state.shared_rooms
    with joined(rooms, name, socket):
        async for message in messages(socket):
            try:
                await rooms.publish(name, message)
            except RedisIsGoneError:
                # Nobody got it: the member learns that by losing its place.
                await socket.close(INTERNAL_ERROR)


refuse_requests(router, "/{name}")
