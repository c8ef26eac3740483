"""What the contract cannot see: services that are not there, and errors that nobody foresaw."""

from contextlib import nullcontext

import pytest
from fastapi.testclient import TestClient

import app as served
import body_limit


class UnreachableDatabase:
    def acquire(self, timeout):
        raise ConnectionRefusedError


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setattr(served, "open_database", lambda: nullcontext(UnreachableDatabase()))
    with TestClient(served.app, raise_server_exceptions=False) as client:
        yield client


def problem(response, status):
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == status
    return response.json()["detail"]


def test_an_error_that_nobody_foresaw_is_a_500_that_does_not_say_how(client, monkeypatch):
    def fails(*_, **__):
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(served, "Items", fails)
    assert "42" not in problem(client.get("/json"), 500)


def test_without_its_upstream_a_call_of_it_is_a_502(client):
    problem(client.get("/upstream?calls=2"), 502)


def test_without_its_database_a_query_is_a_503(client):
    problem(client.get("/db/row?id=1"), 503)


def test_another_method_is_told_what_the_route_takes(client):
    response = client.patch("/mobile/tasks/1")
    problem(response, 405)
    assert response.headers["Allow"]


def test_a_missing_token_is_asked_for(client):
    response = client.get("/mobile/tasks")
    problem(response, 401)
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_body_without_a_length_is_limited_too(client):
    def parts():
        for _ in range(3):
            yield b" " * (body_limit.BODY_BYTES_MAX // 2)

    headers = {"content-type": "application/json"}
    problem(client.post("/iot/readings", content=parts(), headers=headers), 413)
