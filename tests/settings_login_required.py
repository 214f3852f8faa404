"""The unit suite under the app's LoginRequiredMiddleware: pages for anonymous users must be exempt."""

from __future__ import annotations

from tests.settings import *  # noqa: F403
from tests.settings import MIDDLEWARE

_after = MIDDLEWARE.index("django_ory.middleware.OryMiddleware") + 1
MIDDLEWARE = [
    *MIDDLEWARE[:_after],
    "django_ory.middleware.LoginRequiredMiddleware",
    *MIDDLEWARE[_after:],
]
