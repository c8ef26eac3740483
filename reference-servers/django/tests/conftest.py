"""Sets Django up as gunicorn's entry does, with a database that is not there."""

import os

os.environ["DATABASE_URL"] = "postgresql://127.0.0.1:9/none"

import wsgi  # noqa: F401 (the environment comes first)
