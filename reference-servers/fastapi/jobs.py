"""Background work by Celery: the task, as the worker runs it and the app puts it on the queue."""

import os

from celery import Celery

from kernels import KERNELS

RESULT_SECONDS = 3_600

queue = Celery("jobs", broker=os.environ["REDIS_URL"], backend=os.environ["REDIS_URL"])
queue.conf.update(
    # The jobs are CPU work of some milliseconds: a worker takes the next one when it has done the last.
    worker_prefetch_multiplier=1,
    result_expires=RESULT_SECONDS,
    broker_connection_retry_on_startup=True,
)


@queue.task
def run_kernel(name: str, n: int) -> int:
    return KERNELS[name].run(n)
