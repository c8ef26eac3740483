"""The route of CONTRACT.md under /ws/shared-rooms: rooms of a chat over all processes."""

from fastapi import APIRouter, WebSocket

from websocket_routes import Name, joined, messages, refuse_requests

router = APIRouter(prefix="/ws/shared-rooms")


@router.websocket("/{name}")
async def shared_room(socket: WebSocket, name: Name) -> None:
    await socket.accept()
    rooms = socket.state.shared_rooms
    with joined(rooms, name, socket):
        async for message in messages(socket):
            await rooms.publish(name, message)


refuse_requests(router, "/{name}")
