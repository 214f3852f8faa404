"""The unit suite under LoginRequiredMiddleware: every page of ours that strangers need must say so itself."""

from __future__ import annotations

from tests.settings import *  # noqa: F403
from tests.settings import MIDDLEWARE

_after = MIDDLEWARE.index("django_ory.middleware.OryMiddleware") + 1
MIDDLEWARE = [
    *MIDDLEWARE[:_after],
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    *MIDDLEWARE[_after:],
]
