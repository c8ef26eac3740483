"""Django's settings; the reasons are in server.toml."""

import os

from django.core.management.utils import get_random_secret_key

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
# Nothing that outlives a process is signed here.
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY") or get_random_secret_key()
ROOT_URLCONF = "urls"
INSTALLED_APPS = []

# What `startproject` gives, without the three that need a database (sessions, authentication, messages).
STARTPROJECT_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
# Answers would lack their Content-Length without it.
BARE_MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
MIDDLEWARE = BARE_MIDDLEWARE if os.environ.get("DJANGO_MIDDLEWARE") == "bare" else STARTPROJECT_MIDDLEWARE

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "ERROR"},
    "loggers": {"django": {"handlers": ["console"], "level": "ERROR", "propagate": False}},
}
