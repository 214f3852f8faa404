"""The unit suite's site with packages that many projects add to their admin."""

from __future__ import annotations

from tests.settings import *  # noqa: F403
from tests.settings import AUTHENTICATION_BACKENDS as UNIT_BACKENDS
from tests.settings import INSTALLED_APPS as UNIT_APPS
from tests.settings import MIDDLEWARE as UNIT_MIDDLEWARE

ROOT_URLCONF = "tests.third_party.urls"
INSTALLED_APPS = [
    "unfold",  # before the admin, whose templates it replaces
    *UNIT_APPS,
    "auditlog",
    "axes",
    "hijack",
    "simple_history",
    "tests.third_party",
]
#: All of them after OryMiddleware: they read ``request.user``.
ADDED_MIDDLEWARE = [
    "hijack.middleware.HijackUserMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]
MIDDLEWARE = [*UNIT_MIDDLEWARE, *ADDED_MIDDLEWARE]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", *UNIT_BACKENDS]
MIGRATION_MODULES = {"third_party": None}
