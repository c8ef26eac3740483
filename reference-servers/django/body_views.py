"""The views of large bodies: /body sends one, /upload takes one; neither holds it in memory."""

import hashlib
import os

from django.http import JsonResponse, StreamingHttpResponse

from parameters import whole_number
from problems import ProblemError

BODY_BYTES_MAX = 64 * 1024 * 1024
UPLOAD_BYTES_MAX = 256 * 1024 * 1024
BLOCK = b"0123456789abcdef" * 4_096


def body(request):
    # Django would gather a synchronous iterator under ASGI before it sends any of it.
    blocks = async_blocks if os.environ["SERVER_SOFTWARE"] == "uvicorn" else sync_blocks
    bytes = whole_number(request, "bytes", 0, BODY_BYTES_MAX)
    headers = {"Content-Length": str(bytes)}
    return StreamingHttpResponse(blocks(bytes), content_type="application/octet-stream", headers=headers)


async def async_body(request):
    return body(request)


def sync_blocks(left):
    while left > 0:
        yield BLOCK[:left]
        left -= len(BLOCK)


async def async_blocks(left):
    for block in sync_blocks(left):
        yield block


def upload(request):
    """Under ASGI Django has put the body into a file by now; under WSGI it comes as it is read."""
    if int(request.headers.get("Content-Length") or 0) > UPLOAD_BYTES_MAX:
        raise ProblemError(413, f"The body has more than {UPLOAD_BYTES_MAX} bytes.")
    digest, received = hashlib.sha256(), 0
    while part := request.read(len(BLOCK)):
        received += len(part)
        if received > UPLOAD_BYTES_MAX:
            raise ProblemError(413, f"The body has more than {UPLOAD_BYTES_MAX} bytes.")
        digest.update(part)
    return JsonResponse({"bytes": received, "sha256": digest.hexdigest()})
