"""The measured site: one view and the settings of ``startproject``, in the flavor of ``BENCH_FLAVOR``.

Imports only packages of the peer's environment.
"""

from __future__ import annotations

import os

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

FLAVOR = os.environ["BENCH_FLAVOR"]
KRATOS = os.environ["BENCH_KRATOS"]
OURS = FLAVOR.startswith("ory-")
PEER = FLAVOR == "django-ory-auth"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
]
if OURS:
    APPS.append("django_ory")
    MIDDLEWARE.insert(5, "django_ory.middleware.OryMiddleware")
    BACKENDS.insert(0, "django_ory.backends.OryBackend")
if PEER:
    APPS.append("django_ory_auth")
    MIDDLEWARE.insert(5, "django_ory_auth.middleware.AuthenticationMiddleware")
    BACKENDS = ["django_ory_auth.backend.OryBackend"]

settings.configure(
    SECRET_KEY="benchmark",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=MIDDLEWARE,
    INSTALLED_APPS=APPS,
    AUTHENTICATION_BACKENDS=BACKENDS,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["BENCH_DATABASE"],
            "CONN_MAX_AGE": None,  # the best case for flavors with database queries
        }
    },
    ORY={
        "default": {
            "KRATOS_PUBLIC_URL": KRATOS,
            "SESSION_CACHE_SECONDS": 60 if "-cached" in FLAVOR else 0,
        }
    },
    ORY_SDK_URL=KRATOS,
    ORY_UI_URL=KRATOS,
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)


def touched_by(request: HttpRequest) -> object:
    """Return the value that the view of the flavor uses."""
    if FLAVOR in ("plain", "ory-untouched"):
        return None
    if FLAVOR == "ory-cached-session":
        return request.ory.session.id  # type: ignore[attr-defined]
    return request.user.pk


def view(request: HttpRequest) -> HttpResponse:
    """The only view."""
    return HttpResponse(f"Hello {touched_by(request)}")


def user_and_session(request: HttpRequest) -> HttpResponse:
    """A view that uses both."""
    return HttpResponse(f"Hello {request.user.pk} {request.ory.session.id}")  # type: ignore[attr-defined]


USER_AND_SESSION = "user-and-session/"
urlpatterns = [path("", view), path(USER_AND_SESSION, user_and_session)]
django.setup()
application = get_wsgi_application()
