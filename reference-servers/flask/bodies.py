"""How the bodies of requests are read: JSON, checked by pydantic."""

from flask import abort, request
from pydantic import ValidationError

from body_limit import read_body
from schemas import mistakes


def body(schema):
    """The body as an instance of its schema, or a 400 or 413; Flask itself answers 415."""
    read_body()
    try:
        return schema.model_validate(request.get_json())
    except ValidationError as error:
        abort(400, mistakes(error.errors()))
    except RecursionError:
        abort(400, "The body has too many layers.")
