"""How the bodies of requests are read: JSON, checked by pydantic."""

import json

from pydantic import ValidationError

from problems import ProblemError
from schemas import mistakes


def body(request, schema):
    """The body as an instance of its schema, or a 400; one that is too large is Django's own 413."""
    if request.content_type != "application/json":
        raise ProblemError(415, "The body must be application/json.")
    try:
        return schema.model_validate(json.loads(request.body))
    except ValidationError as error:
        raise ProblemError(400, mistakes(error.errors())) from error
    except (ValueError, RecursionError) as error:
        raise ProblemError(400, "The body is not JSON.") from error
