"""The routes of CONTRACT.md as synchronous views: all of them under WSGI, and those with CPU work under ASGI too."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor

import urllib3
from django.http import HttpResponse, JsonResponse

from kernels import KERNELS
from parameters import whole_number
from problems import ProblemError
from request_count import RequestCount
from stats import stats

# No limit of its own on upstream calls: the most that 64 threads can ask for at once (16 each).
MAX_UPSTREAM_CALLS = 1024

request_count = RequestCount()
upstream_pool = urllib3.connection_from_url(
    os.environ.get("UPSTREAM_URL", "http://127.0.0.1:9000"),
    maxsize=MAX_UPSTREAM_CALLS,
    retries=False,
    timeout=urllib3.Timeout(connect=5, read=30),
)
# Starts a thread only when a call finds none idle.
upstream_threads = ThreadPoolExecutor(MAX_UPSTREAM_CALLS)


def health(request):
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


def server_stats(request):
    # Set by asgi.py and wsgi.py, whichever was started.
    software = os.environ["SERVER_SOFTWARE"]
    libraries = (
        ["asgiref", "aiohttp", "channels", "uvloop", "httptools", "websockets"]
        if software == "uvicorn"
        else ["urllib3"]
    )
    libraries += ["psycopg", "pydantic", "pyjwt"]
    return JsonResponse(stats("django", "Django", software, libraries, request_count))


def plain(request):
    return HttpResponse("Hello, World!", content_type="text/plain; charset=utf-8")


def json_items(request):
    count = whole_number(request, "items", 1, 1_000, default=10)
    items = [{"id": i, "name": f"item-{i}", "price": i + 0.5, "tags": ["a", "b"]} for i in range(count)]
    return JsonResponse({"count": count, "items": items})


def upstream(request):
    delay_ms, calls = upstream_parameters(request)
    try:
        if calls == 1:
            answers = [call_upstream(delay_ms)]
        else:
            answers = list(upstream_threads.map(call_upstream, [delay_ms] * calls))
    except urllib3.exceptions.HTTPError as error:
        raise ProblemError(502, "The upstream did not answer.") from error
    return JsonResponse({"calls": calls, "answers": answers})


def cpu(kernel_name):
    """The view of one kernel."""
    run, low, high = KERNELS[kernel_name]

    def view(request):
        n = whole_number(request, "n", low, high)
        return JsonResponse({"kernel": kernel_name, "n": n, "result": run(n)})

    return view


def cpu_released(request):
    rounds = whole_number(request, "rounds", 1, 5_000_000, default=20_000)
    digest = hashlib.pbkdf2_hmac("sha256", b"claimbench", b"released", rounds, 32)
    return JsonResponse({"rounds": rounds, "digest": digest.hex()})


def bystander(request):
    return JsonResponse({"ok": True})


def call_upstream(delay_ms):
    response = upstream_pool.request("GET", f"/delay?ms={delay_ms}")
    if response.status != 200:
        raise urllib3.exceptions.HTTPError(f"status {response.status}")
    return response.data.decode()


def upstream_parameters(request):
    delay_ms = whole_number(request, "delay_ms", 0, 10_000, default=20)
    calls = whole_number(request, "calls", 1, 16, default=1)
    return delay_ms, calls
