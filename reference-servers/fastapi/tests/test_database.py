"""What the contract cannot see of the database: one that is not there, comes late or stops, and how long it is held."""

import asyncpg
import pytest
from fastapi.testclient import TestClient

import app as served
import credentials
import database
import mobile_routes

JSON = {"content-type": "application/json"}
PRODUCT = {"id": 1, "name": "product-1", "price_cents": 100}


class Pool:
    """A pool of one connection, which gives the same row to every statement."""

    def __init__(self, row=None, error=None):
        self.row, self.error, self.taken = row, error, 0

    def acquire(self, timeout):
        return self

    async def __aenter__(self):
        self.taken += 1
        return self

    async def __aexit__(self, *_):
        self.taken -= 1

    async def fetchrow(self, *_):
        if self.error is not None:
            raise self.error
        return self.row

    async def close(self):
        pass


@pytest.fixture
def serve(monkeypatch):
    """The app as a client sees it whose database gives these pools, one after the other; an error is none."""

    def serve(*pools):
        left = iter(pools)

        async def create_pool():
            pool = next(left)
            if isinstance(pool, Exception):
                raise pool
            return pool

        monkeypatch.setattr(database, "create_pool", create_pool)
        return TestClient(served.app, raise_server_exceptions=False)

    return serve


@pytest.fixture
def client_without_database():
    with TestClient(served.app, raise_server_exceptions=False) as client:
        yield client


def authorized():
    return JSON | {"authorization": f"Bearer {credentials.make_token(1)}"}


def test_without_its_database_the_server_starts_and_a_query_is_a_503(client_without_database):
    assert client_without_database.get("/health").text == "ok"
    response = client_without_database.get("/db/row?id=1")
    assert (response.status_code, response.json()["status"]) == (503, 503)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/db/row?id=0", None, 400),
        ("POST", "/db/read-write?id=many", None, 400),
        ("GET", "/mobile/tasks?limit=0", None, 400),
        ("GET", "/mobile/tasks/first", None, 404),
        ("POST", "/mobile/tasks", '{"title":""}', 400),
        ("POST", "/mobile/login", '{"email":1}', 400),
        ("POST", "/iot/readings", '{"device":"d","readings":[]}', 400),
    ],
)
def test_without_its_database_bad_input_is_refused_all_the_same(client_without_database, method, path, body, status):
    response = client_without_database.request(method, path, content=body, headers=authorized())
    assert response.status_code == status


def test_a_database_that_comes_late_is_used_as_soon_as_it_is_there(serve):
    refused, starting = ConnectionRefusedError(), asyncpg.CannotConnectNowError()
    with serve(refused, starting, Pool(PRODUCT)) as client:
        answers = [client.get("/db/row?id=1").status_code for _ in range(3)]
    assert answers == [503, 200, 200]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (asyncpg.AdminShutdownError(), 503),
        (asyncpg.CrashShutdownError(), 503),
        (asyncpg.CannotConnectNowError(), 503),
        (asyncpg.ConnectionDoesNotExistError(), 503),
        (asyncpg.UndefinedTableError(), 500),
    ],
)
def test_a_database_that_stops_is_a_503_and_one_that_refuses_a_statement_a_500(serve, error, status):
    with serve(Pool(error=error)) as client:
        assert client.get("/db/row?id=1").status_code == status


def test_a_login_holds_no_connection_while_it_looks_at_the_password(serve, monkeypatch):
    pool = Pool({"id": 1, "password_salt": "", "password_hash": ""})
    taken = []

    def password_is_right(*_):
        taken.append(pool.taken)
        return True

    monkeypatch.setattr(mobile_routes, "password_is_right", password_is_right)
    with serve(pool) as client:
        response = client.post("/mobile/login", json={"email": "a", "password": "b"})
    assert (response.status_code, taken) == (200, [0])
