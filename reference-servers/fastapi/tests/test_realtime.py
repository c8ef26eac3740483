"""What the contract cannot see of WebSocket, events and large bodies: who comes late, who goes, and who is slow."""

import asyncio
from contextlib import nullcontext

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

import app as served
from documents import LENGTH_MAX, Document
from rooms import TRY_AGAIN_LATER, Rooms


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setattr(served, "open_database", nullcontext)
    with TestClient(served.app) as client:
        yield client


def test_who_joins_a_document_late_gets_the_text_as_it_is(client):
    with client.websocket_connect("/ws/documents/d") as first:
        assert first.receive_text() == "document 0000000000 "
        first.send_text("0 0 hello")
        assert first.receive_text() == "edit 0000000001 0 0 hello"
        with client.websocket_connect("/ws/documents/d") as second:
            assert second.receive_text() == "document 0000000001 hello"


def test_who_comes_after_all_have_gone_gets_an_empty_document(client):
    for _ in range(2):
        with client.websocket_connect("/ws/documents/d") as writer:
            assert writer.receive_text() == "document 0000000000 "
            writer.send_text("0 0 hello")
            writer.receive_text()


def test_an_edit_is_taken_in_as_the_contract_says():
    document = Document(text="hello")
    assert document.edit("1 3 ipp") == "edit 0000000001 1 3 ipp"
    assert document.text == "hippo"
    document.edit("99 99 !")
    assert document.text == "hippo!"
    document.text = "x" * LENGTH_MAX
    document.edit("0 0 ab")
    assert document.text == "abx" + "x" * (LENGTH_MAX - 3)
    assert document.edit("0 0 a\n") is None
    assert document.number == 3


class Member:
    def __init__(self, *, slow: bool = False) -> None:
        self.slow = slow
        self.heard = []

    async def send(self, message) -> None:
        if self.slow:
            await asyncio.Event().wait()
        self.heard.append(message)

    async def close(self, code) -> None:
        self.heard.append(code)
        if self.slow:
            await asyncio.Event().wait()


def say(rooms, *messages):
    """Says all of them at once."""

    async def at_once() -> None:
        async with asyncio.timeout(5):
            await asyncio.gather(*(rooms.broadcast("r", message) for message in messages))

    asyncio.run(at_once())


def test_a_member_who_keeps_the_others_waiting_is_disconnected_and_they_miss_nothing(monkeypatch):
    monkeypatch.setattr("rooms.BEHIND_SECONDS_MAX", 0.01)
    before, slow, after, rooms = Member(), Member(slow=True), Member(), Rooms()
    for member in (before, slow, after):
        rooms.join("r", member)
    say(rooms, "one", "two")
    assert slow.heard == [TRY_AGAIN_LATER]
    assert before.heard == after.heard == ["one", "two"]


def test_many_slow_members_keep_the_others_waiting_no_longer_than_two(monkeypatch):
    monkeypatch.setattr("rooms.BEHIND_SECONDS_MAX", 0.1)
    slow, quick, rooms = [Member(slow=True) for _ in range(60)], Member(), Rooms()
    for member in (*slow, quick):
        rooms.join("r", member)
    # One after the other they would take longer than it waits.
    say(rooms, "one", "two")
    assert quick.heard == ["one", "two"]
    assert all(member.heard == [TRY_AGAIN_LATER] for member in slow)


def test_all_members_hear_in_one_order_what_is_said_at_once():
    class Hesitant(Member):
        async def send(self, message) -> None:
            await asyncio.sleep(0.01 if message == "one" else 0)
            await super().send(message)

    rooms, members = Rooms(), [Hesitant(), Hesitant()]
    for member in members:
        rooms.join("r", member)
    say(rooms, "one", "two", "three")
    assert [member.heard for member in members] == [["one", "two", "three"]] * 2


def test_a_room_is_forgotten_with_its_last_member():
    rooms, member = Rooms(), Member()
    rooms.join("r", member)
    assert not rooms.is_empty("r")
    rooms.leave("r", member)
    assert rooms.is_empty("r")


def test_a_name_beyond_the_alphabet_is_refused(client):
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/ws/rooms/A_"):
        pass


def test_each_message_counts_and_a_stream_of_events_once(client):
    before = served.request_count.total()
    with client.websocket_connect("/ws/echo") as echo:
        echo.send_text("one")
        echo.receive_text()
    assert client.get("/events?count=3&gap_ms=0").text.count("data:") == 3
    assert served.request_count.total() - before == 2
