"""How many requests all processes of this server have answered: exact, and without a lock.

Each process owns one file in CLAIMBENCH_STATE, and each of its threads one slot in that file, which that
thread alone writes. The count is the sum over all slots of all files. Without CLAIMBENCH_STATE only the
answering process is counted.
"""

import mmap
import os
import threading
from pathlib import Path

# gunicorn never replaces a thread of its pool, and no mode of ours allows more than 64.
SLOTS = 128
# A cache line each, so that no two threads write to the same one.
SLOT_BYTES = 64
# Questions about the server, not part of its work.
UNCOUNTED = frozenset({"/health", "/stats"})


class RequestCount:
    def __init__(self) -> None:
        state = os.environ.get("CLAIMBENCH_STATE")
        self._folder = Path(state) if state else None
        self._map = self._open_map()
        self._lock = threading.Lock()
        self._slots_taken = 0
        self._own = _OwnSlot(self._take_slot)

    def add(self) -> None:
        """Counts one answered request."""
        self._own.slot[0] += 1

    def total(self) -> int:
        if self._folder is None:
            return sum(memoryview(self._map).cast("Q"))
        return sum(sum(memoryview(path.read_bytes()).cast("Q")) for path in self._folder.glob("*.requests"))

    def pids(self) -> list[int]:
        """The serving processes that are alive."""
        if self._folder is None:
            return [os.getpid()]
        pids = (int(path.stem) for path in self._folder.glob("*.requests"))
        return sorted(pid for pid in pids if _is_alive(pid))

    def _open_map(self) -> mmap.mmap:
        if self._folder is None:
            return mmap.mmap(-1, SLOTS * SLOT_BYTES)
        with open(self._folder / f"{os.getpid()}.requests", "a+b") as file:
            file.truncate(SLOTS * SLOT_BYTES)
            return mmap.mmap(file.fileno(), SLOTS * SLOT_BYTES)

    def _take_slot(self) -> memoryview:
        with self._lock:
            if self._slots_taken == SLOTS:
                raise RuntimeError(f"more than {SLOTS} threads answer requests; raise SLOTS in request_count.py")
            start = self._slots_taken * SLOT_BYTES
            self._slots_taken += 1
        return memoryview(self._map)[start : start + SLOT_BYTES].cast("Q")


class _OwnSlot(threading.local):
    """The slot of the thread that asks: `__init__` runs once in each thread."""

    def __init__(self, take_slot) -> None:
        self.slot = take_slot()


class CountWsgi:
    """WSGI middleware that counts each answer."""

    def __init__(self, app, count: RequestCount) -> None:
        self._app = app
        self._count = count

    def __call__(self, environ, start_response):
        response = self._app(environ, start_response)
        if environ["PATH_INFO"] not in UNCOUNTED:
            self._count.add()
        return response


class CountAsgi:
    """ASGI middleware that counts each answer."""

    def __init__(self, app, count: RequestCount) -> None:
        self._app = app
        self._count = count

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http" or scope["path"] in UNCOUNTED:
            await self._app(scope, receive, send)
            return

        async def count_and_send(message) -> None:
            # When it begins: the client does not wait for what comes behind its end, and a stream of events has none.
            if message["type"] == "http.response.start":
                self._count.add()
            await send(message)

        await self._app(scope, receive, count_and_send)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
