"""How the bodies of requests are read: JSON, checked by pydantic."""

from flask import abort, request
from pydantic import ValidationError

from schemas import mistakes


def body(schema):
    """The body as an instance of its schema, or a 400; Flask itself answers 413 and 415."""
    try:
        return schema.model_validate(request.get_json())
    except ValidationError as error:
        abort(400, mistakes(error.errors()))
    except RecursionError:
        abort(400, "The body has too many layers.")
