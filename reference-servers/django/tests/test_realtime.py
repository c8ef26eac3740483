"""What the contract cannot see of WebSocket and large bodies: who comes late, who comes last, and who gets what."""

import asyncio

import pytest
from asgiref.testing import ApplicationCommunicator
from django.test import Client

import consumers
import views
from documents import LENGTH_MAX, Document
from routing import websocket_application


class Member:
    """A client of the WebSocket application (what Channels has for it asks for another server)."""

    def __init__(self, path) -> None:
        scope = {"type": "websocket", "path": path, "headers": [], "query_string": b"", "subprotocols": []}
        self._asgi = ApplicationCommunicator(websocket_application, scope)

    async def connect(self):
        await self._asgi.send_input({"type": "websocket.connect"})
        return await self._asgi.receive_output()

    async def say(self, **content):
        await self._asgi.send_input({"type": "websocket.receive", **content})

    async def hear(self):
        message = await self._asgi.receive_output(timeout=5)
        return message.get("text") or message.get("bytes")

    async def hears_nothing(self):
        return await self._asgi.receive_nothing()

    async def leave(self):
        await self._asgi.send_input({"type": "websocket.disconnect", "code": 1000})
        await self._asgi.wait()


async def joined(path):
    member = Member(path)
    assert (await member.connect())["type"] == "websocket.accept"
    return member


def test_who_joins_a_document_late_gets_the_text_as_it_is():
    async def late():
        first = await joined("/ws/documents/d")
        assert await first.hear() == "document 0000000000 "
        await first.say(text="0 0 hello")
        assert await first.hear() == "edit 0000000001 0 0 hello"
        second = await joined("/ws/documents/d")
        assert await second.hear() == "document 0000000001 hello"
        await second.say(text="0 1 J")
        heard = [await member.hear() for member in (first, second)]
        assert heard == ["edit 0000000002 0 1 J"] * 2
        await first.leave()
        await second.leave()

    asyncio.run(late())
    assert consumers.Writer.documents == {}


def test_everyone_in_a_room_hears_everyone_and_nobody_else_does():
    async def rooms():
        here, there = [await joined("/ws/rooms/here") for _ in range(2)], await joined("/ws/rooms/there")
        await here[0].say(bytes=b"\x00\xff")
        assert [await member.hear() for member in here] == [b"\x00\xff"] * 2
        assert await there.hears_nothing()
        for member in [*here, there]:
            await member.leave()

    asyncio.run(rooms())


def test_a_name_beyond_the_alphabet_is_refused():
    async def refused():
        assert (await Member("/ws/rooms/A_").connect())["status"] == 404

    asyncio.run(refused())


def test_each_message_counts():
    async def echo():
        before = views.request_count.total()
        member = await joined("/ws/echo")
        await member.say(text="one")
        assert await member.hear() == "one"
        await member.leave()
        return views.request_count.total() - before

    assert asyncio.run(echo()) == 1


@pytest.mark.parametrize(
    ("text", "edit", "after"),
    [
        ("hello", "1 3 ipp", "hippo"),
        ("hello", "99 99 !", "hello!"),
        ("x" * LENGTH_MAX, "0 0 ab", "ab" + "x" * (LENGTH_MAX - 2)),
        ("hello", "0 0 a\n", "hello"),
    ],
)
def test_an_edit_is_taken_in_as_the_contract_says(text, edit, after):
    document = Document(text=text)
    document.edit(edit)
    assert document.text == after


def test_a_body_is_sent_in_blocks():
    response = Client(headers={"host": "127.0.0.1"}).get("/body?bytes=100000")
    assert [len(block) for block in response.streaming_content] == [65_536, 34_464]
