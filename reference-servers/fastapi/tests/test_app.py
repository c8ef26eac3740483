"""What the contract cannot see: services that are not there, and errors that nobody foresaw."""

import inspect

import pytest
from fastapi.testclient import TestClient

import app as served
import body_limit


@pytest.fixture
def client():
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
    before = served.request_count.total()
    assert "42" not in problem(client.get("/json"), 500)
    assert served.request_count.total() - before == 1


def test_without_its_upstream_a_call_of_it_is_a_502(client):
    problem(client.get("/upstream?calls=2"), 502)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/mobile/tasks", "GET, POST"), ("/mobile/tasks/1", "DELETE, GET, PUT"), ("/json", "GET"), ("/ws/echo", "GET")],
)
def test_another_method_is_told_what_all_routes_of_a_path_take(client, path, allowed):
    response = client.patch(path)
    problem(response, 405)
    assert response.headers["Allow"] == allowed


def test_a_missing_token_is_asked_for(client):
    response = client.get("/mobile/tasks")
    problem(response, 401)
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_what_every_request_asks_for_is_not_asked_in_a_thread():
    routes = [route for router in served.routers for route in router.routes]
    asked = {needed.call for route in routes for needed in route.dependant.dependencies}
    assert {asker.__name__ for asker in asked} == {"authenticated", "database", "in_session", "json_body"}
    assert all(map(inspect.iscoroutinefunction, asked))


@pytest.mark.parametrize("content_type", ["text/plain", "application/json"])
def test_a_form_that_is_said_to_be_none_is_refused(client, content_type):
    headers = {"content-type": content_type, "cookie": "session=claimbench"}
    problem(client.post("/pages/profile", content="nickname=Mallory", headers=headers), 400)


def test_a_form_without_a_session_is_told_nothing_else(client):
    response = client.post("/pages/profile", data={"nickname": ""})
    problem(response, 401)
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_body_without_a_length_is_limited_too(client):
    def parts():
        for _ in range(3):
            yield b" " * (body_limit.BODY_BYTES_MAX // 2)

    headers = {"content-type": "application/json"}
    problem(client.post("/iot/readings", content=parts(), headers=headers), 413)
