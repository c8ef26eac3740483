"""The paths: each to its synchronous view, or to its coroutine under ASGI."""

import os

from django.urls import path

import async_views
import body_views
import page_views
import views
from kernels import KERNELS
from problems import by_method, get_only

UNDER_ASGI = os.environ["SERVER_SOFTWARE"] == "uvicorn"
cheap = async_views if UNDER_ASGI else views

urlpatterns = [
    path("health", get_only(cheap.health)),
    path("stats", get_only(cheap.server_stats)),
    path("plain", get_only(cheap.plain)),
    path("json", get_only(cheap.json_items)),
    path("upstream", get_only(cheap.upstream)),
    *(path(f"cpu/{name}", get_only(views.cpu(name))) for name in KERNELS),
    path("cpu-released", get_only(views.cpu_released)),
    path("pages/profile", page_views.profile),
    path("bystander", get_only(cheap.bystander)),
    path("body", get_only(body_views.async_body if UNDER_ASGI else body_views.body)),
    path("upload", by_method(POST=body_views.upload)),
]

if UNDER_ASGI:
    from realtime_urls import urlpatterns as realtime

    urlpatterns += realtime

if "DATABASE_URL" in os.environ:
    from database_urls import urlpatterns as with_database

    urlpatterns += with_database

handler400 = "problems.bad_request"
handler404 = "problems.not_found"
handler500 = "problems.server_error"
