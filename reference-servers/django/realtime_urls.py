"""The paths of CONTRACT.md under ASGI only: streams of events, and what WebSocket paths answer to plain requests."""

from django.urls import path, re_path

import event_views
from problems import get_only
from routing import SPEAKING

urlpatterns = [
    path("events", get_only(event_views.events)),
    *(re_path(pattern, get_only(event_views.upgrade_required)) for pattern in SPEAKING),
]
