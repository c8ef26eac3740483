"""Starts uvicorn and a Celery worker beside it, and ends both when either ends: `with_workers.py PORT WORKERS`."""

import signal
import subprocess
import sys

port, workers = sys.argv[1:]

UVICORN = "uvicorn app:app --host 127.0.0.1 --loop uvloop --http httptools --no-access-log --log-level warning"
SOCKETS = "--ws websockets-sansio --ws-per-message-deflate false --ws-max-size 65536"
LIMITS = "--timeout-keep-alive 65 --timeout-graceful-shutdown 1"
CELERY = "celery -A jobs worker --pool prefork --loglevel warning --without-gossip --without-mingle --without-heartbeat"

commands = [
    [*UVICORN.split(), *SOCKETS.split(), *LIMITS.split(), "--port", port],
    [*CELERY.split(), "--concurrency", workers],
]
processes = [subprocess.Popen([sys.executable, "-m", *command]) for command in commands]  # noqa: S603 (fixed words)


def end(*_) -> None:
    for process in processes:
        process.terminate()


signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGINT, end)

server, worker = processes
while all(process.poll() is None for process in processes):
    try:
        server.wait(timeout=0.1)
    except subprocess.TimeoutExpired:
        continue
end()
sys.exit(max(abs(process.wait()) for process in processes))
