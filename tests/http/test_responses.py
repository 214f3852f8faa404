"""The 503 responses."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING

import pytest
from django.test import RequestFactory

from django_ory.authentication.request import get_ory
from django_ory.client import OryConnectionError
from django_ory.http.responses import service_unavailable

if TYPE_CHECKING:
    from pytest_django import Settings


def test_browser_gets_a_503_page() -> None:
    response = service_unavailable(RequestFactory().get("/a?b=c"), retry_after=2.1)
    assert response.status_code == 503
    assert response["Retry-After"] == "3"
    assert "no-store" in response["Cache-Control"]
    assert 'href="/a?b=c"' in response.content.decode()


def test_page_for_a_post_has_no_retry_link() -> None:
    assert 'href="/a"' not in service_unavailable(RequestFactory().post("/a")).content.decode()


def test_api_client_gets_a_503_as_json() -> None:
    request = RequestFactory().get("/", headers={"accept": "application/json"})
    for response in (
        service_unavailable(request),
        service_unavailable(RequestFactory().get("/"), api=True),
    ):
        assert response.status_code == 503
        assert json.loads(response.content)["error"]["code"] == 503
        assert int(response["Retry-After"]) >= 1


@pytest.mark.parametrize(
    ("operation", "key", "url"),
    [
        ("", "KRATOS_PUBLIC_URL", "http://kratos:1"),
        ("GET /sessions/whoami", "KRATOS_PUBLIC_URL", "http://kratos:1"),
        ("GET /admin/identities/{id}", "KRATOS_ADMIN_URL", "http://kratos:2"),
        ("GET /admin/oauth2/auth/requests/login", "HYDRA_ADMIN_URL", "http://hydra:2"),
        ("GET /admin/clients/{id}", "HYDRA_ADMIN_URL", "http://hydra:2"),
    ],
)
def test_page_shows_url_and_command_only_with_debug(
    settings: Settings, operation: str, key: str, url: str
) -> None:
    settings.ORY = {
        "default": {
            "KRATOS_PUBLIC_URL": "http://kratos:1",
            "KRATOS_ADMIN_URL": "http://kratos:2",
            "HYDRA_ADMIN_URL": "http://hydra:2",
        }
    }
    error = OryConnectionError("refused", operation=operation) if operation else None
    page = service_unavailable(RequestFactory().get("/"), error=error).content.decode()
    assert url not in page
    assert "ory_dev" not in page
    settings.DEBUG = True
    page = html.unescape(service_unavailable(RequestFactory().get("/"), error=error).content.decode())
    assert f'No usable answer from {url} (settings.ORY["default"]["{key}"]).' in page
    assert "python manage.py ory_dev" in page


def test_503_page_may_use_the_session() -> None:
    request = RequestFactory().post("/")
    ory = get_ory(request)
    service_unavailable(request)
    assert ory._is_suppressed
