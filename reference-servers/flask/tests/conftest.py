"""Gives the app a database that is not there: its routes are, and answer 503."""

import os

os.environ["DATABASE_URL"] = "postgresql://127.0.0.1:9/none"
