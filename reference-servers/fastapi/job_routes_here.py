"""The routes of CONTRACT.md under /jobs without a queue: a job is done on the event loop, where it is asked for."""

from collections import OrderedDict
from itertools import count
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response

from job_models import Id, Job, Queued, WaitMs
from kernels import KERNELS, Kernel

# As many as BullMQ keeps.
KEPT = 10_000

router = APIRouter(prefix="/jobs")
numbers = count(1)
results: OrderedDict[str, int] = OrderedDict()


@router.get("")
async def job(id: Id, wait_ms: WaitMs = 0) -> Job:
    # Nothing is ever left to wait for.
    if id not in results:
        raise HTTPException(404, "There is no such job.")
    return Job(id=id, done=True, result=results[id])


def add_job_route(name: str, kernel: Kernel) -> None:
    N = Annotated[int, Query(ge=kernel.low, le=kernel.high)]

    @router.post(f"/{name}")
    async def put(n: N, response: Response, wait_ms: WaitMs = 0) -> Job | Queued:
        id = str(next(numbers))
        results[id] = kernel.run(n)
        if len(results) > KEPT:
            results.popitem(last=False)
        if wait_ms > 0:
            return Job(id=id, done=True, result=results[id])
        response.status_code = 202
        response.headers["Location"] = f"/jobs?id={id}"
        return Queued(id=id)


for kernel_name, cpu_kernel in KERNELS.items():
    add_job_route(kernel_name, cpu_kernel)
