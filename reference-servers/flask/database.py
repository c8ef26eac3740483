"""The database of CONTRACT.md, by psycopg: one pool a process, statements prepared once a connection."""

import atexit
import os
from contextlib import contextmanager

import psycopg
from flask import abort
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

POOL_SIZE = int(os.environ.get("DATABASE_POOL_SIZE", "10"))
CONNECT_SECONDS = 5

# What differs from psycopg's defaults; the reasons are in server.toml. A newcomer has none of it.
POOL, CONNECTION = {"min_size": POOL_SIZE, "max_size": POOL_SIZE}, {"autocommit": True, "prepare_threshold": 0}
if os.environ.get("CLAIMBENCH_MODE") == "stock":
    POOL, CONNECTION = {}, {}

# Not opened at import: gunicorn may import the app before it forks.
pool = ConnectionPool(
    os.environ["DATABASE_URL"],
    timeout=CONNECT_SECONDS,
    kwargs={"row_factory": dict_row, **CONNECTION},
    open=False,
    **POOL,
)
# Its threads would outlive the interpreter.
atexit.register(pool.close)


@contextmanager
def connection():
    """A connection, on which a statement is its own transaction; a database that cannot be reached is a 503."""
    pool.open()
    try:
        with pool.connection() as connection:
            yield connection
    except (psycopg.OperationalError, PoolTimeout):
        abort(503, "The database cannot be reached.")
