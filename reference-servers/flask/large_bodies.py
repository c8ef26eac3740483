"""The routes of CONTRACT.md for large bodies: /body sends one, /upload takes one; neither holds it."""

import hashlib

from flask import Blueprint, Response, abort, request

from parameters import whole_number

BODY_BYTES_MAX = 64 * 1024 * 1024
UPLOAD_BYTES_MAX = 256 * 1024 * 1024
BLOCK = b"0123456789abcdef" * 4_096

blueprint = Blueprint("large_bodies", __name__)


@blueprint.get("/body")
def body():
    bytes = whole_number("bytes", 0, BODY_BYTES_MAX)
    return Response(blocks(bytes), mimetype="application/octet-stream", headers={"Content-Length": str(bytes)})


def blocks(left):
    while left > 0:
        yield BLOCK[:left]
        left -= len(BLOCK)


@blueprint.post("/upload")
def upload():
    # One more than may come: at its limit, Flask's stream refuses what may have ended there.
    request.max_content_length = UPLOAD_BYTES_MAX + 1
    if (request.content_length or 0) > UPLOAD_BYTES_MAX:
        abort(413)
    digest, received = hashlib.sha256(), 0
    while part := request.stream.read(len(BLOCK)):
        received += len(part)
        digest.update(part)
    return {"bytes": received, "sha256": digest.hexdigest()}
