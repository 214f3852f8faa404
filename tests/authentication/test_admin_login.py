"""The Django admin with sign-in through Ory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.urls import include, path

from django_ory.decorators import secure_admin_login
from tests.support.kratos import COOKIE

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.kratos import Whoami

SIGNED_IN = {"cookie": COOKIE}
User: Any = get_user_model()


class Site(admin.AdminSite):
    """A separate site, so that other tests keep the default site."""


site = Site(name="admin")
site.login = secure_admin_login(site.login)  # type: ignore[method-assign]


class Urls:
    """A URLconf."""

    urlpatterns = (path("auth/", include("django_ory.urls")), path("admin/", site.urls))


@pytest.fixture(autouse=True)
def _urls(settings: Any, db: None) -> None:
    settings.ROOT_URLCONF = Urls


def open_login(client: Client, **query: str) -> Any:
    return client.get("/admin/login/", query_params=query, headers=SIGNED_IN)


def make_staff(client: Client) -> None:
    open_login(client)
    User._default_manager.update(is_staff=True, is_superuser=True)


def test_anonymous_user_is_redirected_to_the_sign_in_page(client: Client, kratos: Whoami) -> None:
    response = open_login(client, next="/admin/auth/")
    url = urlsplit(response["Location"])
    assert url.path == "/auth/login/"
    assert parse_qs(url.query)["return_to"] == ["http://testserver/admin/auth/"]
    assert parse_qs(urlsplit(open_login(client)["Location"]).query)["return_to"] == [
        "http://testserver/admin/"
    ]


def test_admin_page_redirects_to_the_sign_in_page_and_back(client: Client, kratos: Whoami) -> None:
    kratos.signed_in()
    make_staff(client)
    assert client.get("/admin/", headers=SIGNED_IN).status_code == 200


def test_staff_is_redirected_to_the_requested_page(client: Client, kratos: Whoami) -> None:
    kratos.signed_in()
    make_staff(client)
    assert open_login(client, next="/admin/auth/")["Location"] == "http://testserver/admin/auth/"
    assert open_login(client, next="//evil.example")["Location"] == "http://testserver/admin/"


def test_user_without_admin_access_gets_403(client: Client, kratos: Whoami) -> None:
    kratos.signed_in()
    response = open_login(client, next="/admin/auth/")
    assert response.status_code == 403
    assert b'type="password"' not in response.content


def test_password_form_is_not_accepted(client: Client, kratos: Whoami) -> None:
    response = client.post("/admin/login/", {"username": "root", "password": "x", "next": "/admin/auth/"})
    assert response.status_code == 303
    assert response["Location"].startswith("/auth/login/")


def test_outage_is_503(client: Client, kratos: Whoami) -> None:
    kratos.refuse_connections()
    assert open_login(client).status_code == 503


def test_login_function_uses_the_default_site() -> None:
    guarded = secure_admin_login(lambda request: None)
    assert guarded.login_required is False  # type: ignore[attr-defined]
