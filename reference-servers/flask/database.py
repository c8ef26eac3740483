"""The database of CONTRACT.md, by psycopg: one pool a process, statements prepared once a connection."""

import os
from contextlib import contextmanager

import psycopg
from flask import abort
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

POOL_SIZE = int(os.environ.get("DATABASE_POOL_SIZE", "10"))
CONNECT_SECONDS = 5

# Not opened at import: gunicorn may import the app before it forks.
pool = ConnectionPool(
    os.environ["DATABASE_URL"],
    min_size=POOL_SIZE,
    max_size=POOL_SIZE,
    timeout=CONNECT_SECONDS,
    kwargs={"row_factory": dict_row, "autocommit": True, "prepare_threshold": 0},
    open=False,
)


@contextmanager
def connection():
    """A connection, on which a statement is its own transaction; a database that cannot be reached is a 503."""
    pool.open()
    try:
        with pool.connection() as connection:
            yield connection
    except (psycopg.OperationalError, PoolTimeout):
        abort(503, "The database cannot be reached.")
