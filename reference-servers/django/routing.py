"""The paths that speak WebSocket, under ASGI."""

from channels.routing import URLRouter
from django.urls import re_path

import consumers

NAME = r"(?P<name>[a-z0-9-]{1,64})"

# The routes' names, with what each leads to.
SPEAKING = {
    r"^ws/echo$": consumers.Echo,
    rf"^ws/rooms/{NAME}$": consumers.Room,
    rf"^ws/documents/{NAME}$": consumers.Writer,
}

websocket_application = URLRouter(
    [
        *(re_path(path, consumer.as_asgi()) for path, consumer in SPEAKING.items()),
        re_path("", consumers.no_such_path),
    ]
)
