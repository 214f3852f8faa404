"""Denied requests: redirects for pages, JSON for API clients, and the return address."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import RequestFactory, override_settings

from django_ory.authentication.access import denial_response
from django_ory.authentication.requirements import AccessDecision
from tests.http.test_redirects import Twice

if TYPE_CHECKING:
    from django.http import HttpRequest

factory = RequestFactory()


def get_redirect(
    request: HttpRequest, verdict: AccessDecision, **options: Any
) -> tuple[int, str, dict[str, list[str]]]:
    response = denial_response(request, verdict, **options)
    assert "no-store" in response["Cache-Control"]
    url = urlsplit(response["Location"])
    return response.status_code, url.path, parse_qs(url.query)


@pytest.mark.parametrize(
    ("verdict", "path", "more"),
    [
        (AccessDecision.LOGIN, "/auth/login/", {}),
        (AccessDecision.SECOND_FACTOR, "/auth/login/", {"aal": ["aal2"]}),
        (AccessDecision.REAUTHENTICATE, "/auth/login/", {"refresh": ["true"]}),
        (AccessDecision.VERIFY_ADDRESS, "/auth/verification/", {}),
    ],
)
def test_denied_page_redirects_with_return_to(
    verdict: AccessDecision, path: str, more: dict[str, list[str]]
) -> None:
    status, where, query = get_redirect(factory.get("/page/?a=b"), verdict)
    assert (status, where) == (302, path)
    assert query == {"return_to": ["http://testserver/page/?a=b"], **more}


def test_verification_page_is_of_the_current_app() -> None:
    request = factory.get("/page/")
    request.current_app = "second"
    with override_settings(ROOT_URLCONF=Twice):
        assert get_redirect(request, AccessDecision.VERIFY_ADDRESS)[1] == "/second/verification/"


@pytest.mark.parametrize(
    "verdict", [AccessDecision.LOGIN, AccessDecision.SECOND_FACTOR, AccessDecision.VERIFY_ADDRESS]
)
def test_long_query_is_left_out_of_return_to(verdict: AccessDecision) -> None:
    """Escaped again, the URL would exceed Django's limit for redirects."""
    status, where, query = get_redirect(factory.get("/page/?" + "a=b&" * 2_500), verdict)
    assert (status, where.startswith("/auth/")) == (302, True)
    assert "return_to" not in query


def test_denied_post_redirects_with_303() -> None:
    post = factory.post("/save/", {"a": "b"}, headers={"referer": "http://testserver/form/"})
    status, _, query = get_redirect(post, AccessDecision.LOGIN)
    assert status == 303
    assert query["return_to"] == ["http://testserver/form/"]


@pytest.mark.parametrize("referer", ["", "https://evil.example/", "//evil.example"])
def test_post_without_safe_referer_returns_to_its_own_url(referer: str) -> None:
    post = factory.post("/save/", headers={"referer": referer})
    assert get_redirect(post, AccessDecision.LOGIN)[2]["return_to"] == ["http://testserver/save/"]


def test_page_argument_is_the_return_to() -> None:
    _, _, query = get_redirect(factory.get("/a/"), AccessDecision.LOGIN, page="http://testserver/b/")
    assert query["return_to"] == ["http://testserver/b/"]


@pytest.mark.parametrize(
    ("verdict", "status", "error"),
    [
        (AccessDecision.LOGIN, 401, "session_inactive"),
        (AccessDecision.SECOND_FACTOR, 403, "session_aal2_required"),
        (AccessDecision.REAUTHENTICATE, 403, "session_refresh_required"),
        (AccessDecision.VERIFY_ADDRESS, 403, "session_verified_address_required"),
        (AccessDecision.DENY, 403, "account_refused"),
        (AccessDecision.TWO_ACCOUNTS, 403, "two_accounts"),
        (AccessDecision.UNAVAILABLE, 503, "ory_unavailable"),
    ],
)
def test_api_client_gets_json(verdict: AccessDecision, status: int, error: str) -> None:
    request = factory.get(
        "/api/", headers={"accept": "application/json", "referer": "http://testserver/app/"}
    )
    response = denial_response(request, verdict)
    body = json.loads(response.content)
    assert response.status_code == body["error"]["code"] == status
    assert body["error"]["id"] == error
    assert body["error"]["message"]
    assert ("WWW-Authenticate" in response) is (status == 401)
    if verdict in (AccessDecision.DENY, AccessDecision.TWO_ACCOUNTS, AccessDecision.UNAVAILABLE):
        assert "redirect_browser_to" not in body
    else:
        assert body["redirect_browser_to"].startswith("http://testserver/auth/")
        assert parse_qs(urlsplit(body["redirect_browser_to"]).query)["return_to"] == [
            "http://testserver/app/"
        ]


def test_api_client_without_referer_gets_no_return_to() -> None:
    for verdict in (AccessDecision.LOGIN, AccessDecision.VERIFY_ADDRESS):
        body = json.loads(denial_response(factory.get("/api/"), verdict, api=True).content)
        assert "return_to" not in body["redirect_browser_to"]


def test_api_false_redirects() -> None:
    request = factory.get("/", headers={"accept": "application/json"})
    assert denial_response(request, AccessDecision.LOGIN, api=False).status_code == 302


@pytest.mark.parametrize("verdict", [AccessDecision.DENY, AccessDecision.TWO_ACCOUNTS])
def test_denial_without_remedy_is_a_page(verdict: AccessDecision) -> None:
    response = denial_response(factory.get("/"), verdict)
    assert response.status_code == 403
    body = response.content.decode()
    assert 'action="/auth/logout/"' in body
    assert "csrfmiddlewaretoken" in body
