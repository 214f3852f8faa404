"""A small API with each authentication class and permission."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import include, path
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from django_ory.rest_framework.authentication import (
    OAuth2IntrospectionAuthentication,
    OAuth2JWTAuthentication,
    OryAuthentication,
    OrySessionAuthentication,
)
from django_ory.rest_framework.permissions import (
    HasAAL,
    HasScope,
    IsClient,
    IsSession,
    IsUser,
    IsVerified,
    RecentLogin,
)
from django_ory.rest_framework.throttling import PrincipalRateThrottle


class Echo(APIView):
    """Returns the user and the kind of credential."""

    authentication_classes: Any = (OryAuthentication,)
    permission_classes: Any = (IsAuthenticated,)
    renderer_classes = (JSONRenderer,)

    def get(self, request: Request) -> Response:
        return Response(
            {
                "user": str(request.user),
                "pk": request.user.pk and str(request.user.pk),
                "auth": type(request.auth).__name__,
            }
        )

    def post(self, request: Request) -> Response:
        return self.get(request)


class WithoutUser(Echo):
    """Never reads the user."""

    def get(self, request: Request) -> Response:
        return Response({"auth": type(request.auth).__name__})


class TwoPerHour(PrincipalRateThrottle):
    """A rate that a test can exceed."""

    rate = "2/hour"


def build_view(**attributes: Any) -> Any:
    return type("View", (Echo,), attributes).as_view()  # type: ignore[attr-defined]


class OtherAudience(OAuth2IntrospectionAuthentication):
    """Tokens for another API."""

    audience = ("https://other.example",)


THROTTLES: tuple[type[BaseThrottle], ...] = (TwoPerHour,)

urlpatterns = [
    path("auth/", include("django_ory.urls")),
    path("any/", Echo.as_view()),
    path("session/", build_view(authentication_classes=[OrySessionAuthentication])),
    path("introspection/", build_view(authentication_classes=[OAuth2IntrospectionAuthentication])),
    path("jwt/", build_view(authentication_classes=[OAuth2JWTAuthentication])),
    path("other-audience/", build_view(authentication_classes=[OtherAudience])),
    path("open/", build_view(permission_classes=[])),
    path("scope/", build_view(permission_classes=[HasScope("photos.read", "photos.write")])),
    path("any-scope/", build_view(permission_classes=[HasScope(any_of=["a", "b"])])),
    path("method-scope/", build_view(permission_classes=[HasScope(methods={"GET": "photos.read"})])),
    path("without-user/", WithoutUser.as_view(permission_classes=[HasScope("photos.read")])),
    path("scope-or-session/", build_view(permission_classes=[HasScope("photos.read") | IsSession])),
    path("user-and-scope/", build_view(permission_classes=[IsUser & HasScope("photos.read")])),
    path("no-scope/", build_view(permission_classes=[IsAuthenticated & ~HasScope("photos.read")])),
    path("aal2/", build_view(permission_classes=[HasAAL("aal2")])),
    path("recent/", build_view(permission_classes=[RecentLogin(timedelta(minutes=5))])),
    path("verified/", build_view(permission_classes=[IsVerified])),
    path("user/", build_view(permission_classes=[IsUser])),
    path("client/", build_view(permission_classes=[IsClient])),
    path("open-throttled/", build_view(permission_classes=[], throttle_classes=THROTTLES)),
    path("throttled/", build_view(throttle_classes=THROTTLES)),
]
