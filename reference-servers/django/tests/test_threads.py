"""How often a request under ASGI changes between the event loop and its thread, as the README says."""

import asyncio

import pytest
from asgiref.sync import SyncToAsync
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path

from problems import get_only


def plain(request):
    return HttpResponse("ok")


async def coroutine(request):
    return HttpResponse("ok")


urlpatterns = [path("plain", get_only(plain)), path("coroutine", get_only(coroutine))]


async def changes(name, monkeypatch):
    counted = []

    async def call(self, *arguments, **named):
        counted.append(self.func)
        return await run(self, *arguments, **named)

    run = SyncToAsync.__call__
    monkeypatch.setattr(SyncToAsync, "__call__", call)
    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/{name}",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }
    asgi = ApplicationCommunicator(get_asgi_application(), scope)
    await asgi.send_input({"type": "http.request"})
    assert (await asgi.receive_output())["status"] == 200
    await asgi.receive_output()
    await asgi.wait()
    return len(counted)


@pytest.mark.parametrize(
    ("middleware", "name", "count"),
    [
        (settings.SECURITY_MIDDLEWARE, "plain", 11),
        (settings.SECURITY_MIDDLEWARE, "coroutine", 10),
        (settings.BARE_MIDDLEWARE, "plain", 5),
        (settings.BARE_MIDDLEWARE, "coroutine", 4),
    ],
)
def test_a_request_changes_to_its_thread_as_often_as_is_said(middleware, name, count, monkeypatch):
    with override_settings(MIDDLEWARE=middleware, ROOT_URLCONF=__name__):
        assert asyncio.run(changes(name, monkeypatch)) == count
