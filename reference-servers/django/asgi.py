"""Entry for uvicorn."""

import os

os.environ["SERVER_SOFTWARE"] = "uvicorn"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")

from django.core.asgi import get_asgi_application

from request_count import CountAsgi

django_application = get_asgi_application()

# Django is set up first.
from channels.routing import ProtocolTypeRouter  # noqa: E402

from routing import websocket_application  # noqa: E402
from upload_limit import LimitUploads  # noqa: E402
from views import request_count  # noqa: E402

http_application = CountAsgi(LimitUploads(django_application), request_count)
application = ProtocolTypeRouter({"http": http_application, "websocket": websocket_application})
