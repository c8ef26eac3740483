"""What the contract cannot see: services that are not there, and errors that nobody foresaw."""

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

import views
from credentials import make_token


@pytest.fixture(scope="module", autouse=True)
def pool_is_closed_at_the_end():
    yield
    connection.close_pool()


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setitem(settings.DATABASES["default"]["OPTIONS"]["pool"], "timeout", 0.2)
    return Client(raise_request_exception=False, headers={"host": "127.0.0.1"})


def problem(response, status):
    assert response.status_code == status
    assert response["content-type"] == "application/problem+json"
    assert response.json()["status"] == status
    return response.json()["detail"]


def test_an_error_that_nobody_foresaw_is_a_500_that_does_not_say_how(client, monkeypatch):
    def fails(_):
        raise RuntimeError("the secret is 42")

    monkeypatch.setitem(views.KERNELS, "sieve", views.KERNELS["sieve"]._replace(run=fails))
    assert "42" not in problem(client.get("/cpu/sieve?n=10"), 500)


def test_without_its_upstream_a_call_of_it_is_a_502(client):
    problem(client.get("/upstream?calls=2"), 502)


def test_without_its_database_a_query_is_a_503(client):
    problem(client.get("/db/row?id=1"), 503)


@pytest.mark.parametrize(
    ("status", "method", "path", "body"),
    [
        (400, "GET", "/db/row?id=0", None),
        (400, "GET", "/db/rows?count=501", None),
        (400, "GET", "/db/search?name=", None),
        (400, "POST", "/db/read-write?id=x", None),
        (400, "POST", "/mobile/login", "{}"),
        (400, "GET", "/mobile/tasks?limit=0", None),
        (400, "POST", "/mobile/tasks", "{"),
        (400, "PUT", "/mobile/tasks/1", "{}"),
        (400, "POST", "/iot/readings", "[]"),
        (503, "PUT", "/mobile/tasks/1", '{"title": "x", "priority": 1, "done": true}'),
    ],
)
def test_what_is_sent_wrong_is_told_so_without_its_database_too(client, status, method, path, body):
    headers = {"Authorization": f"Bearer {make_token(1)}"}
    problem(client.generic(method, path, body or "", "application/json", headers=headers), status)


def test_another_method_is_told_what_the_route_takes(client):
    response = client.patch("/mobile/tasks/1")
    problem(response, 405)
    assert response["Allow"] == "GET, PUT, DELETE"


def test_a_missing_token_is_asked_for(client):
    response = client.get("/mobile/tasks")
    problem(response, 401)
    assert response["WWW-Authenticate"] == "Bearer"


def test_the_security_middleware_that_startproject_lists_is_there(client):
    headers = client.get("/plain").headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_form_that_is_too_large_is_a_413_wherever_it_is_read(client):
    client.cookies["session"] = "claimbench"
    form = "nickname=" + "a" * 64 * 1024
    problem(client.post("/pages/profile", form, content_type="application/x-www-form-urlencoded"), 413)
