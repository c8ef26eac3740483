"""The routes of CONTRACT.md under /jobs: CPU work off the request path, by Celery and its workers.

They are plain functions, which FastAPI runs in its thread pool: Celery's client waits for Redis.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Annotated

import redis
from celery.exceptions import TimeoutError as NotYetError
from celery.result import AsyncResult
from fastapi import APIRouter, HTTPException, Query, Response
from kombu.exceptions import OperationalError

from job_models import Id, Job, Queued, WaitMs
from jobs import queue, run_kernel
from kernels import KERNELS, Kernel

# A request hears at once that Redis is gone. The worker, which does not load this file, waits for its return.
queue.conf.update(
    task_publish_retry=False,
    broker_transport_options={"max_retries": 0},
    result_backend_transport_options={"retry_policy": {"max_retries": 0}},
)

UNREACHABLE = (redis.ConnectionError, redis.TimeoutError)

router = APIRouter(prefix="/jobs")


@contextmanager
def reaching_redis() -> Iterator[None]:
    """A Redis that cannot be reached is a 503. What it says against a command is a failure of this server."""
    try:
        yield
    except (*UNREACHABLE, OperationalError, RuntimeError) as error:
        # Kombu wraps it in an OperationalError, and Celery, where it listens for results, in a RuntimeError.
        if not isinstance(error, UNREACHABLE) and not isinstance(error.__cause__, UNREACHABLE):
            raise
        raise HTTPException(503, "The queue cannot be reached.") from error


@router.get("")
def job(id: Id, wait_ms: WaitMs = 0) -> Job:
    with reaching_redis():
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
        with reaching_redis():
            queued = run_kernel.delay(name, n)
            if wait_ms > 0:
                return answer(queued, wait_ms)
        response.status_code = 202
        response.headers["Location"] = f"/jobs?id={queued.id}"
        return Queued(id=queued.id)


for kernel_name, cpu_kernel in KERNELS.items():
    add_job_route(kernel_name, cpu_kernel)
