"""Entry for gunicorn."""

import os

os.environ["SERVER_SOFTWARE"] = "gunicorn"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")

from django.core.wsgi import get_wsgi_application  # noqa: E402 (the settings come first)

from request_count import CountWsgi  # noqa: E402

django_application = get_wsgi_application()

from views import request_count  # noqa: E402

application = CountWsgi(django_application, request_count)
