"""The routes of CONTRACT.md under /jobs: CPU work off the request path, by Celery and its workers.

They are plain functions, which FastAPI runs in its thread pool: Celery's client waits for Redis.
"""

from contextlib import suppress
from typing import Annotated

from celery.exceptions import TimeoutError as NotYetError
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from jobs import run_kernel
from kernels import KERNELS, Kernel

router = APIRouter(prefix="/jobs")


class Queued(BaseModel):
    id: str


class Job(BaseModel):
    id: str
    done: bool
    result: int | None


@router.get("")
def job(
    id: Annotated[str, Query(pattern=r"^[\w-]{1,64}$")],
    wait_ms: Annotated[int, Query(ge=0, le=10_000)] = 0,
) -> Job:
    found = run_kernel.AsyncResult(id)
    if wait_ms > 0:
        with suppress(NotYetError):
            found.get(timeout=wait_ms / 1_000, propagate=False)
    done = found.successful()
    return Job(id=id, done=done, result=found.result if done else None)


def add_job_route(name: str, kernel: Kernel) -> None:
    N = Annotated[int, Query(ge=kernel.low, le=kernel.high)]

    @router.post(f"/{name}", status_code=202)
    def put(n: N, response: Response) -> Queued:
        id = run_kernel.delay(name, n).id
        response.headers["Location"] = f"/jobs?id={id}"
        return Queued(id=id)


for kernel_name, cpu_kernel in KERNELS.items():
    add_job_route(kernel_name, cpu_kernel)
