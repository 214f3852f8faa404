"""The session authentication of Django REST framework uses the user of the middleware."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import path
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from tests.support.fixtures import kratos
from tests.support.kratos import COOKIE, IDENTITY_ID

if TYPE_CHECKING:
    from rest_framework.request import Request

    from tests.support.kratos import Whoami

__all__ = ["kratos"]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class UserView(APIView):
    """Returns the key of the user, for GET and POST."""

    authentication_classes = (SessionAuthentication,)
    permission_classes = (IsAuthenticated,)
    renderer_classes = (JSONRenderer,)

    def get(self, request: Request) -> Response:
        return Response({"user": str(request.user.pk)})

    def post(self, request: Request) -> Response:
        return self.get(request)


urlpatterns = [path("api/user/", UserView.as_view())]


def test_session_cookie_sets_the_user(client: Client, kratos: Whoami) -> None:
    kratos.signed_in()
    response = client.get("/api/user/", headers={"cookie": COOKIE})
    user: Any = get_user_model().objects.get(ory_identities__identity_id=IDENTITY_ID)
    assert response.json() == {"user": str(user.pk)}
    assert len(kratos.calls) == 1


def test_post_without_csrf_token_is_rejected(kratos: Whoami) -> None:
    kratos.signed_in()
    client = Client(enforce_csrf_checks=True)
    response = client.post("/api/user/", headers={"cookie": COOKIE})
    assert response.status_code == 403
    assert "CSRF" in response.json()["detail"]


def test_anonymous_request_is_403(client: Client, kratos: Whoami) -> None:
    assert client.get("/api/user/").status_code == 403
    assert client.get("/api/user/", headers={"cookie": COOKIE}).status_code == 403
