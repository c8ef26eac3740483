"""The routes of CONTRACT.md in Flask."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor

import urllib3
from flask import Flask, abort
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest, HTTPException

import large_bodies
import page_routes
from kernels import KERNELS
from parameters import whole_number
from request_count import CountWsgi, RequestCount
from stats import stats

# No limit of its own on upstream calls: the most that 64 threads can ask for at once (16 each).
MAX_UPSTREAM_CALLS = 1024

# Without a database its routes are not there, and its libraries are not loaded.
HAS_DATABASE = "DATABASE_URL" in os.environ
LIBRARIES = ["Werkzeug", "urllib3", *(["psycopg", "pydantic", "pyjwt"] if HAS_DATABASE else [])]

# NumPy is loaded in its own mode only.
if os.environ.get("NUMERIC") == "numpy":
    from numeric_numpy import NUMPY_KERNELS as NUMERIC_KERNELS

    LIBRARIES.append("numpy")
else:
    from numeric import NUMERIC_KERNELS

app = Flask(__name__, static_folder=None)
app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
request_count = RequestCount()
app.wsgi_app = CountWsgi(app.wsgi_app, request_count)

upstream_pool = urllib3.connection_from_url(
    os.environ.get("UPSTREAM_URL", "http://127.0.0.1:9000"),
    maxsize=MAX_UPSTREAM_CALLS,
    retries=False,
    timeout=urllib3.Timeout(connect=5, read=30),
)
# Starts a thread only when a call finds none idle.
upstream_threads = ThreadPoolExecutor(MAX_UPSTREAM_CALLS)

app.register_blueprint(large_bodies.blueprint)
app.register_blueprint(page_routes.blueprint)
if HAS_DATABASE:
    import database_routes
    import iot_routes
    import mobile_routes

    for routes in (database_routes, mobile_routes, iot_routes):
        app.register_blueprint(routes.blueprint)


@app.get("/health")
def health():
    return "ok", {"content-type": "text/plain; charset=utf-8"}


@app.get("/stats")
def server_stats():
    return stats("flask", "Flask", "gunicorn", LIBRARIES, request_count)


@app.get("/plain")
def plain():
    return "Hello, World!", {"content-type": "text/plain; charset=utf-8"}


@app.get("/json")
def json_items():
    count = whole_number("items", 1, 1_000, default=10)
    items = [{"id": i, "name": f"item-{i}", "price": i + 0.5, "tags": ["a", "b"]} for i in range(count)]
    return {"count": count, "items": items}


@app.get("/upstream")
def upstream():
    delay_ms = whole_number("delay_ms", 0, 10_000, default=20)
    calls = whole_number("calls", 1, 16, default=1)
    try:
        if calls == 1:
            answers = [call_upstream(delay_ms)]
        else:
            answers = list(upstream_threads.map(call_upstream, [delay_ms] * calls))
    except urllib3.exceptions.HTTPError:
        abort(502, "The upstream did not answer.")
    return {"calls": calls, "answers": answers}


@app.get("/cpu/<kernel>")
def cpu(kernel):
    if kernel not in KERNELS:
        abort(404)
    run, low, high = KERNELS[kernel]
    n = whole_number("n", low, high)
    return {"kernel": kernel, "n": n, "result": run(n)}


@app.get("/numeric/<kernel>")
def numeric(kernel):
    if kernel not in NUMERIC_KERNELS:
        abort(404)
    run, low, high = NUMERIC_KERNELS[kernel]
    n = whole_number("n", low, high)
    return {"kernel": kernel, "n": n, "result": run(n)}


@app.get("/cpu-released")
def cpu_released():
    rounds = whole_number("rounds", 1, 5_000_000, default=20_000)
    digest = hashlib.pbkdf2_hmac("sha256", b"claimbench", b"released", rounds, 32)
    return {"rounds": rounds, "digest": digest.hex()}


@app.get("/bystander")
def bystander():
    return {"ok": True}


@app.errorhandler(HTTPException)
def problem(error):
    """Every error as a problem document (RFC 9457); the response keeps its other headers, such as Allow."""
    response = error.get_response()
    response.data = app.json.dumps(
        {"type": "about:blank", "title": error.name, "status": error.code, "detail": error.description}
    )
    response.content_type = "application/problem+json"
    return response


@app.errorhandler(ParseException)
def malformed(error):
    """What gunicorn finds wrong in a body of chunks, it finds when the body is read."""
    return problem(BadRequest("The body is malformed."))


def call_upstream(delay_ms):
    response = upstream_pool.request("GET", f"/delay?ms={delay_ms}")
    if response.status != 200:
        raise urllib3.exceptions.HTTPError(f"status {response.status}")
    return response.data.decode()
