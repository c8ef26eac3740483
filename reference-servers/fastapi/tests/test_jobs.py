"""What the contract cannot see of the queue: a Redis that is gone, and a job that failed."""

import time

import pytest
import redis
from celery.backends.redis import RedisBackend
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

import app as served

with pytest.MonkeyPatch.context() as patch:
    # Nobody listens there.
    patch.setenv("REDIS_URL", "redis://127.0.0.1:9")
    import job_routes

# Longer than an answer takes that waits for nothing, and shorter than any wait.
AT_ONCE_SECONDS = 5
REQUESTS = [
    ("POST", "/jobs/sieve?n=10"),
    ("POST", "/jobs/sieve?n=10&wait_ms=10000"),
    ("GET", "/jobs?id=1"),
    ("GET", "/jobs?id=1&wait_ms=10000"),
]


@pytest.fixture
def client():
    api = FastAPI(exception_handlers={HTTPException: served.http_problem, Exception: served.unexpected_problem})
    api.include_router(job_routes.router)
    return TestClient(api, raise_server_exceptions=False)


@pytest.fixture
def impatient(monkeypatch):
    """Celery and Kombu wait between two tries by this function."""

    def wait(seconds):
        raise AssertionError(f"it waits {seconds} s")

    monkeypatch.setattr("kombu.utils.functional.sleep", wait)


def is_told_at_once(client, method, path):
    began = time.monotonic()
    response = client.request(method, path)
    assert time.monotonic() - began < AT_ONCE_SECONDS
    assert (response.status_code, response.json()["detail"]) == (503, "The queue cannot be reached.")
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_where_redis_is_gone_a_request_hears_that_at_once(client, method, path):
    is_told_at_once(client, method, path)


@pytest.mark.usefixtures("impatient")
def test_where_redis_goes_before_the_job_is_on_the_queue_a_request_hears_that_at_once(client, monkeypatch):
    # Celery listens for the result first.
    monkeypatch.setattr(RedisBackend, "on_task_call", lambda *_: None)
    is_told_at_once(client, "POST", "/jobs/sieve?n=10")


@pytest.mark.parametrize("error", [redis.ResponseError("OOM"), RuntimeError("something else")])
def test_what_redis_says_against_a_command_is_a_failure_of_this_server(client, monkeypatch, error):
    def fails(*_):
        raise error

    monkeypatch.setattr(RedisBackend, "get", fails)
    assert client.get("/jobs?id=1").status_code == 500


@pytest.mark.parametrize(
    ("status", "result", "answer"),
    [
        ("SUCCESS", 4, {"done": True, "result": 4}),
        ("FAILURE", {"exc_type": "ValueError", "exc_message": ["its worker ended"]}, {"done": False, "result": None}),
        ("PENDING", None, {"done": False, "result": None}),
    ],
)
def test_a_job_that_failed_is_no_job_that_is_done(client, monkeypatch, status, result, answer):
    kept = {"task_id": status, "status": status, "result": result, "traceback": None, "children": []}
    monkeypatch.setattr(RedisBackend, "get", lambda backend, _: backend.encode(kept))
    assert client.get(f"/jobs?id={status}").json() == {"id": status} | answer
