"""The routes of CONTRACT.md under /jobs: CPU work off the request path, by Celery and its workers.

They are plain functions, which FastAPI runs in its thread pool: Celery's client waits for Redis.
"""

from contextlib import suppress
from typing import Annotated

from celery.exceptions import TimeoutError as NotYetError
from celery.result import AsyncResult
from fastapi import APIRouter, Query, Response

from job_models import Id, Job, Queued, WaitMs
from jobs import run_kernel
from kernels import KERNELS, Kernel

router = APIRouter(prefix="/jobs")


@router.get("")
def job(id: Id, wait_ms: WaitMs = 0) -> Job:
    return answer(run_kernel.AsyncResult(id), wait_ms)


def answer(found: AsyncResult, wait_ms: int) -> Job:
    if wait_ms > 0:
        with suppress(NotYetError):
            found.get(timeout=wait_ms / 1_000, propagate=False)
    done = found.successful()
    return Job(id=found.id, done=done, result=found.result if done else None)


def add_job_route(name: str, kernel: Kernel) -> None:
    N = Annotated[int, Query(ge=kernel.low, le=kernel.high)]

    @router.post(f"/{name}")
    def put(n: N, response: Response, wait_ms: WaitMs = 0) -> Job | Queued:
        queued = run_kernel.delay(name, n)
        if wait_ms > 0:
            return answer(queued, wait_ms)
        response.status_code = 202
        response.headers["Location"] = f"/jobs?id={queued.id}"
        return Queued(id=queued.id)


for kernel_name, cpu_kernel in KERNELS.items():
    add_job_route(kernel_name, cpu_kernel)
