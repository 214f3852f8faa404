"""Challenges belong to the permission that denied the request, and to no other reason."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import include, path
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from django_ory.rest_framework.authentication import OryAuthentication
from django_ory.rest_framework.denials import ServiceUnavailable
from django_ory.rest_framework.permissions import HasAAL, HasScope
from django_ory.testing import FakeOry

AUDIENCE = "https://api.example"

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class Nothing(BasePermission):
    """Denies every request without a challenge."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return False


class Failing(BasePermission):
    """Denies a request the first time. The second time Ory is unavailable."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.META.get("was_denied"):
            raise ServiceUnavailable
        request.META["was_denied"] = True
        return False


class Own(APIView):
    """A view that denies every request itself, after the permissions."""

    authentication_classes: Any = (OryAuthentication,)
    renderer_classes = (JSONRenderer,)
    permission_classes: Any = (HasScope("photos.write") | HasAAL("aal2") | IsAuthenticated,)

    def get(self, request: Request) -> Response:
        raise PermissionDenied("This photo is private.")


class Detail(GenericAPIView[Any]):
    """Checks the permissions of an object, too."""

    authentication_classes: Any = (OryAuthentication,)
    permission_classes: Any = (IsAuthenticated & ~HasScope("photos.read"),)
    renderer_classes = (JSONRenderer,)
    queryset: Any = get_user_model().objects.all()

    def get(self, request: Request, **kwargs: Any) -> Response:
        return Response({"pk": str(self.get_object().pk)})


def build_view(*permissions: Any) -> Any:
    return type("View", (Own,), {"permission_classes": permissions}).as_view()  # type: ignore[attr-defined]


urlpatterns = [
    path("auth/", include("django_ory.urls")),
    path("own/", Own.as_view()),
    path("detail/<pk>/", Detail.as_view()),
    path("other-permission/", build_view(HasScope("photos.write") | IsAuthenticated, Nothing)),
    path("failing-permission/", build_view(HasScope("photos.write") | IsAuthenticated, Failing)),
]


@pytest.fixture(autouse=True)
def api_settings(settings: Any) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "OAUTH2_AUDIENCE": [AUDIENCE]}}
    settings.REST_FRAMEWORK = {"EXCEPTION_HANDLER": "django_ory.rest_framework.handlers.exception_handler"}


def call(path: str, token: str) -> Any:
    return Client().get(path, headers={"authorization": f"Bearer {token}"})


def create_token(ory: FakeOry, *scopes: str) -> str:
    identity = ory.create_identity()
    return ory.create_token("photo-lab", subject=identity.id, scope=scopes, audience=[AUDIENCE]).value


@pytest.mark.parametrize("with_session", [True, False])
def test_denial_of_the_view_itself_has_its_own_text(ory: FakeOry, with_session: bool) -> None:
    client = Client()
    headers = {} if with_session else {"authorization": f"Bearer {create_token(ory)}"}
    if with_session:
        ory.login(client)
    response = client.get("/own/", headers=headers)
    assert (response.status_code, response.json()) == (403, {"detail": "This photo is private."})
    assert "WWW-Authenticate" not in response


@pytest.mark.parametrize("path", ["/other-permission/", "/failing-permission/"])
def test_denial_of_another_permission_has_no_challenge(ory: FakeOry, path: str) -> None:
    response = call(path, create_token(ory))
    assert response.status_code == 403
    assert "WWW-Authenticate" not in response


def test_negated_scope_allows_objects_too(ory: FakeOry) -> None:
    token, user = create_token(ory), get_user_model()
    assert call("/own/", token).status_code == 403  # creates the user
    pk = str(user.objects.get().pk)
    assert call(f"/detail/{pk}/", token).json() == {"pk": pk}
    assert call(f"/detail/{pk}/", create_token(ory, "photos.read")).status_code == 403
