"""Django's settings; the reasons are in server.toml."""

import os
from urllib.parse import urlsplit

from django.core.management.utils import get_random_secret_key

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
# Nothing that outlives a process is signed here.
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY") or get_random_secret_key()
ROOT_URLCONF = "urls"
CSRF_FAILURE_VIEW = "page_views.csrf_failure"
INSTALLED_APPS = []
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The security middleware of what `startproject` lists; the rest is for sessions of Django's, and nobody here has one.
SECURITY_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
# Answers would lack their Content-Length without it.
BARE_MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
MIDDLEWARE = BARE_MIDDLEWARE if os.environ.get("DJANGO_MIDDLEWARE") == "bare" else SECURITY_MIDDLEWARE

# Without a database its routes are not there, and its libraries are not loaded.
DATABASES = {}
if "DATABASE_URL" in os.environ:
    database = urlsplit(os.environ["DATABASE_URL"])
    pool_size = int(os.environ.get("DATABASE_POOL_SIZE", "10"))
    DATABASES["default"] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database.path.lstrip("/"),
        "USER": database.username or "",
        "PASSWORD": database.password or "",
        "HOST": database.hostname,
        "PORT": database.port,
        "OPTIONS": {
            "pool": {"min_size": pool_size, "max_size": pool_size, "timeout": 5},
            "server_side_binding": True,
            "prepare_threshold": 0,
        },
    }

# A member of a room that is so many messages behind misses the next.
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 1_024}}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "ERROR"},
    "loggers": {"django": {"handlers": ["console"], "level": "ERROR", "propagate": False}},
}
