"""What a body must say of itself: FastAPI would take another type for a body that is not as described, a 400."""

from typing import Annotated

from fastapi import Header, HTTPException


async def json_body(content_type: Annotated[str, Header()] = "") -> None:
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "The body must be application/json.")
