"""Starts uvicorn and a Celery worker beside it, and ends both when either ends: `with_workers.py PORT WORKERS`."""

import sys

from serving import uvicorn
from together import run_together

CELERY = "celery -A jobs worker --pool prefork --loglevel warning --without-gossip --without-mingle --without-heartbeat"

port, workers = sys.argv[1:]
celery = [sys.executable, "-m", *CELERY.split(), "--concurrency", workers]
sys.exit(run_together(uvicorn("--host", "127.0.0.1", "--port", port), celery))
