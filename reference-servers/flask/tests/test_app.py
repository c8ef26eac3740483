"""What the contract cannot see: services that are not there, and errors that nobody foresaw."""

from io import BytesIO

import pytest
from gunicorn.http.errors import InvalidChunkSize

import app as served
import body_limit
import database
import large_bodies
from credentials import make_token

JSON = "application/json"
# A body without a length, as gunicorn passes one on that came in chunks.
CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setattr(database.pool, "timeout", 0.2)
    return served.app.test_client()


def problem(response, status):
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert response.json["status"] == status
    return response.json["detail"]


def test_an_error_that_nobody_foresaw_is_a_500_that_does_not_say_how(client, monkeypatch):
    def fails(_):
        raise RuntimeError("the secret is 42")

    monkeypatch.setitem(served.KERNELS, "sieve", served.KERNELS["sieve"]._replace(run=fails))
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
    problem(client.open(path, method=method, data=body, headers=headers, content_type=JSON), status)


def test_another_method_is_told_what_the_route_takes(client):
    response = client.patch("/mobile/tasks/1")
    problem(response, 405)
    assert {"GET", "PUT", "DELETE"} <= set(response.headers["Allow"].split(", "))


def test_a_missing_token_is_asked_for(client):
    response = client.get("/mobile/tasks")
    problem(response, 401)
    assert response.headers["WWW-Authenticate"].lower() == "bearer"


def test_without_its_database_a_search_is_a_503_once_its_name_is_right(client):
    problem(client.get("/db/search", query_string={"name": "\N{GRINNING FACE}" * 200}), 503)
    for wrong in ["", "x" * 201, "a\0b"]:
        problem(client.get("/db/search", query_string={"name": wrong}), 400)


def test_a_form_is_taken_within_its_bounds_and_from_whoever_has_the_session(client):
    problem(client.post("/pages/profile", data={"nickname": "Ada"}), 401)
    client.set_cookie("session", "claimbench")
    assert client.post("/pages/profile", data={"nickname": "a" * 50}).json == {"nickname": "a" * 50}
    problem(client.post("/pages/profile", data={"nickname": "a" * 51}), 400)
    problem(client.post("/pages/profile", data={"nickname": "a" * 64 * 1024}), 413)


def in_chunks(client, path, length):
    return client.post(path, input_stream=BytesIO(b" " * length), environ_overrides=CHUNKED, content_type=JSON)


def test_a_body_without_a_length_is_limited_too(client):
    problem(in_chunks(client, "/iot/readings", body_limit.BODY_BYTES_MAX), 400)
    problem(in_chunks(client, "/iot/readings", body_limit.BODY_BYTES_MAX + 1), 413)


def test_an_upload_may_be_as_long_as_its_limit_with_and_without_a_length(client, monkeypatch):
    monkeypatch.setattr(large_bodies, "UPLOAD_BYTES_MAX", 1_000)
    assert client.post("/upload", data=b" " * 1_000).json["bytes"] == 1_000
    assert in_chunks(client, "/upload", 1_000).json["bytes"] == 1_000
    problem(client.post("/upload", data=b" " * 1_001), 413)
    problem(in_chunks(client, "/upload", 1_001), 413)


def test_what_gunicorn_finds_malformed_is_a_400(client):
    class Malformed(BytesIO):
        def read(self, *_):
            raise InvalidChunkSize(b"ZZ")

        readinto = readall = read

    for path in ["/iot/readings", "/upload"]:
        problem(client.post(path, input_stream=Malformed(), environ_overrides=CHUNKED, content_type=JSON), 400)
