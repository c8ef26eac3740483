"""Entry for gunicorn."""

import os

os.environ["SERVER_SOFTWARE"] = "gunicorn"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")

from django.core.wsgi import get_wsgi_application

from request_count import CountWsgi

django_application = get_wsgi_application()

from views import request_count  # noqa: E402 (Django is set up first)

application = CountWsgi(django_application, request_count)
