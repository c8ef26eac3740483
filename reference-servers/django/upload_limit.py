"""ASGI middleware that refuses a body that says it is too long: Django would take it in before any view could look."""

import json

from body_views import UPLOAD_BYTES_MAX


class LimitUploads:
    def __init__(self, app) -> None:
        self._app = app

    async def __call__(self, scope, receive, send) -> None:
        length = dict(scope.get("headers", [])).get(b"content-length", b"0")
        if scope["type"] != "http" or not length.isdigit() or int(length) <= UPLOAD_BYTES_MAX:
            await self._app(scope, receive, send)
            return
        detail = f"The body has more than {UPLOAD_BYTES_MAX} bytes."
        content = {"type": "about:blank", "title": "Content Too Large", "status": 413, "detail": detail}
        headers = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(content).encode()})
