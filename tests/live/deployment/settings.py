"""A small site as it is deployed: PostgreSQL, Redis as Django's cache, Ory by environment variables."""

from __future__ import annotations

import json
import os

from tests.settings import (
    ALLOWED_HOSTS,
    AUTHENTICATION_BACKENDS,
    LOGIN_REDIRECT_URL,
    LOGIN_URL,
    MIDDLEWARE,
    SECRET_KEY,
    STATIC_URL,
    TEMPLATES,
    USE_TZ,
)
from tests.settings import INSTALLED_APPS as UNIT_APPS

__all__ = [
    "ALLOWED_HOSTS",
    "AUTHENTICATION_BACKENDS",
    "LOGIN_REDIRECT_URL",
    "LOGIN_URL",
    "SECRET_KEY",
    "STATIC_URL",
    "TEMPLATES",
    "USE_TZ",
]

INSTALLED_APPS = [app for app in UNIT_APPS if app != "django_ory.relying_party"]
ROOT_URLCONF = "tests.live.deployment.site"
MIDDLEWARE = ["tests.live.deployment.site.worker_middleware", *MIDDLEWARE]
DATABASES = {"default": json.loads(os.environ["SITE_DATABASE"])}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": os.environ["SITE_CACHE"],
    }
}
ORY = {
    alias: {"ADAPTER": "tests.live.deployment.site.IdentityIdAdapter", **values}
    for alias, values in json.loads(os.environ["SITE_ORY"]).items()
}
