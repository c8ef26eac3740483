"""WebSocket (Channels): an echo, rooms of a chat, and documents that their members write together."""

import json

from channels.generic.websocket import AsyncWebsocketConsumer

from documents import Document
from views import request_count

UNSUPPORTED_DATA, POLICY_VIOLATION = 1003, 1008


class Echo(AsyncWebsocketConsumer):
    async def receive(self, text_data=None, bytes_data=None):
        request_count.add()
        await self.send(text_data, bytes_data)


class InGroup(AsyncWebsocketConsumer):
    """A consumer whose messages go to a group, named after what it is and the name in the path."""

    kind = ""

    async def connect(self):
        self.name = self.scope["url_route"]["kwargs"]["name"]
        self.group = f"{self.kind}.{self.name}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code):
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def tell_everyone(self, **content):
        await self.channel_layer.group_send(self.group, {"type": "told", **content})


class Room(InGroup):
    """What one member sends, everyone in the room receives, its sender too."""

    kind = "room"

    async def receive(self, text_data=None, bytes_data=None):
        request_count.add()
        await self.tell_everyone(text=text_data, bytes=bytes_data)

    async def told(self, event):
        await self.send(event["text"], event["bytes"])


class Writer(InGroup):
    """A member of a document."""

    kind = "document"
    # By name, with how many members each has.
    documents: dict[str, tuple[Document, set]] = {}

    async def connect(self):
        await super().connect()
        self.document, members = self.documents.setdefault(self.name, (Document(), set()))
        members.add(self.channel_name)
        # What is in the document already is not told again.
        self.joined_at = self.document.number
        await self.send(self.document.as_message())

    async def disconnect(self, code):
        await super().disconnect(code)
        _, members = self.documents[self.name]
        members.discard(self.channel_name)
        if not members:
            del self.documents[self.name]

    async def receive(self, text_data=None, bytes_data=None):
        request_count.add()
        if text_data is None:
            await self.close(UNSUPPORTED_DATA)
        elif (edit := self.document.edit(text_data)) is None:
            await self.close(POLICY_VIOLATION, "No edit: AT DELETE TEXT.")
        else:
            await self.tell_everyone(text=edit, number=self.document.number)

    async def told(self, event):
        if event["number"] > self.joined_at:
            await self.send(event["text"])


async def no_such_path(scope, receive, send):
    """Refuses a handshake: Channels would fail, and its server answer with a 500."""
    content = {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "There is no such route."}
    headers = [(b"content-type", b"application/problem+json")]
    await send({"type": "websocket.http.response.start", "status": 404, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": json.dumps(content).encode()})
