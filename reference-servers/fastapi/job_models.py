"""What the routes under /jobs take and give, whoever does the jobs."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

Id = Annotated[str, Query(pattern=r"^[\w-]{1,64}$")]
WaitMs = Annotated[int, Query(ge=0, le=10_000)]


class Queued(BaseModel):
    id: str


class Job(BaseModel):
    id: str
    done: bool
    result: int | None
