"""ASGI middleware that reads no more of a request's body than is allowed; uploads look to that themselves."""

from fastapi import HTTPException

BODY_BYTES_MAX = 64 * 1024
UPLOADS = "/upload"


class LimitBody:
    def __init__(self, app) -> None:
        self._app = app

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http" or scope["path"] == UPLOADS:
            await self._app(scope, receive, send)
            return
        received = 0

        async def limited():
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > BODY_BYTES_MAX:
                # Raised where the route reads its body, so that it is answered like every other problem.
                raise HTTPException(413, f"The body has more than {BODY_BYTES_MAX} bytes.")
            return message

        await self._app(scope, limited, send)
