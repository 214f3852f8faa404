"""The site that the tests put under load: settings from the environment, views of ``tests.sessions.urls``."""

from __future__ import annotations

import json
import os
from typing import Any

from tests.settings import *  # noqa: F403

ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.sessions.urls"
_options: Any = {"timeout": 10, "transaction_mode": "IMMEDIATE"}
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["SITE_DATABASE"],
        "OPTIONS": _options,
    }
}
ORY = json.loads(os.environ["SITE_ORY"])
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"django_ory": {"handlers": ["console"], "level": "WARNING"}},
}
