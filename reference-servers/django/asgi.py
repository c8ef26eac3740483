"""Entry for uvicorn."""

import os

os.environ["SERVER_SOFTWARE"] = "uvicorn"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")

from django.core.asgi import get_asgi_application

from request_count import CountAsgi

django_application = get_asgi_application()

from views import request_count  # noqa: E402 (Django is set up first)

application = CountAsgi(django_application, request_count)
