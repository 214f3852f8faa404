"""The measured API: one view on Django REST framework, in the flavor of ``BENCH_FLAVOR``.

``/credential`` returns the header to send. Ory is in memory. With caches and signatures no call is made, so
the figures are those of the site.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils import timezone
from django.utils.module_loading import import_string

FLAVOR = os.environ["BENCH_FLAVOR"]
IS_OURS = FLAVOR.startswith("ory-")
HYDRA = "http://hydra.test:4444"

APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "rest_framework",
    "django_ory",
]
AUTHENTICATION = {
    "none": [],
    "ory-jwt": ["django_ory.rest_framework.authentication.OAuth2JWTAuthentication"],
    "ory-jwt-first": ["django_ory.rest_framework.authentication.OAuth2JWTAuthentication"],
    "ory-jwt-user": ["django_ory.rest_framework.authentication.OAuth2JWTAuthentication"],
    "ory-introspection": ["django_ory.rest_framework.authentication.OAuth2IntrospectionAuthentication"],
    "ory-introspection-user": ["django_ory.rest_framework.authentication.OAuth2IntrospectionAuthentication"],
    "ory-session-user": ["django_ory.rest_framework.authentication.OrySessionAuthentication"],
    "toolkit": ["oauth2_provider.contrib.rest_framework.OAuth2Authentication"],
    "simplejwt": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
}
if FLAVOR == "toolkit":
    APPS.append("oauth2_provider")

settings.configure(
    SECRET_KEY="benchmark key of at least 32 bytes",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    INSTALLED_APPS=APPS,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["BENCH_DATABASE"],
            "CONN_MAX_AGE": None,  # the best case for flavors with database queries
        }
    },
    ORY={
        "default": {
            "KRATOS_PUBLIC_URL": "http://kratos.test:4433",
            "KRATOS_ADMIN_URL": "http://kratos.test:4434",
            "HYDRA_PUBLIC_URL": HYDRA,
            "HYDRA_ADMIN_URL": "http://hydra.test:4445",
            "SESSION_CACHE_SECONDS": 3600,
            "INTROSPECTION_CACHE_SECONDS": 3600,
        }
    },
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": AUTHENTICATION[FLAVOR],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "UNAUTHENTICATED_USER": None,
    },
    OAUTH2_PROVIDER={"SCOPES": {"read": "read"}},
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()

from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

from django_ory.testing import FakeOry  # noqa: E402
from django_ory.tokens import signature_cache  # noqa: E402


class Loans(APIView):
    """The only view."""

    def get(self, request: Request) -> Response:
        """The user, where the flavor loads it."""
        if FLAVOR == "none":
            return Response({"loans": []})
        if FLAVOR.endswith("-user") or not IS_OURS:
            return Response({"loans": [], "user": request.user.pk})
        principal: Any = request.auth
        return Response({"loans": [], "subject": principal.token.subject})


def create_credential() -> dict[str, str]:
    """The header of a signed-in user."""
    from django.contrib.auth import get_user_model

    if FLAVOR == "none":
        return {}
    if IS_OURS:
        if "jwt" in FLAVOR:
            ORY.hydra.tokens.keys.rotate("RS256")  # as the real Hydra signs by default
        if FLAVOR == "ory-jwt-first":
            signature_cache.MAX_SIGNATURE_AGE_SECONDS = 0.0
        identity = ORY.create_identity({"email": "ada@example.org"})
        if FLAVOR == "ory-session-user":
            return {"X-Session-Token": ORY.create_session(identity).token}
        token = ORY.create_token("app", subject=identity.id, scope=["read"], as_jwt="jwt" in FLAVOR)
        return {"Authorization": f"Bearer {token.value}"}
    user: Any = get_user_model().objects.create_user("ada", "ada@example.org")
    if FLAVOR == "simplejwt":
        token_class = import_string("rest_framework_simplejwt.tokens.AccessToken")
        return {"Authorization": f"Bearer {token_class.for_user(user)}"}
    get_model = apps.get_model
    application = get_model("oauth2_provider", "Application").objects.create(
        name="app", user=user, client_type="confidential", authorization_grant_type="client-credentials"
    )
    get_model("oauth2_provider", "AccessToken").objects.create(
        user=user,
        application=application,
        token="ada-token",
        scope="read",
        expires=timezone.now() + timedelta(hours=1),
    )
    return {"Authorization": "Bearer ada-token"}


def credential(request: HttpRequest) -> JsonResponse:
    """The header, made on the first request."""
    return JsonResponse(create_credential())


urlpatterns = [path("", Loans.as_view()), path("credential", credential)]

call_command("migrate", verbosity=0)
ORY = FakeOry()
if IS_OURS:
    ORY.__enter__()
application = get_wsgi_application()
