"""How much of a body is read. Free of pydantic, which not every runtime has."""

from flask import abort, request

BODY_BYTES_MAX = 64 * 1024


def read_body():
    """Reads the body for whatever parses it, or answers 413: one without a length Flask would cut off at its limit."""
    request.max_content_length = BODY_BYTES_MAX + 1
    if len(request.get_data()) > BODY_BYTES_MAX:
        abort(413)
