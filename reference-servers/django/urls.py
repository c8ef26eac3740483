"""The paths: each to its synchronous view, or to its coroutine under ASGI."""

import os

from django.urls import path

import async_views
import views
from kernels import KERNELS
from problems import get_only

cheap = async_views if os.environ["SERVER_SOFTWARE"] == "uvicorn" else views

urlpatterns = [
    path("health", get_only(cheap.health)),
    path("stats", get_only(cheap.server_stats)),
    path("plain", get_only(cheap.plain)),
    path("json", get_only(cheap.json_items)),
    path("upstream", get_only(cheap.upstream)),
    *(path(f"cpu/{name}", get_only(views.cpu(name))) for name in KERNELS),
    path("cpu-released", get_only(views.cpu_released)),
    path("bystander", get_only(cheap.bystander)),
]

if "DATABASE_URL" in os.environ:
    from database_urls import urlpatterns as with_database

    urlpatterns += with_database

handler400 = "problems.bad_request"
handler404 = "problems.not_found"
handler500 = "problems.server_error"
