"""Every error page: its texts, its status, the ways on, the log, and the hints for developers."""

from __future__ import annotations

import html
import logging
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from django.test import override_settings

from django_ory.conf import get_settings
from django_ory.provider.error_pages import ERROR_PAGES, HYDRA_ERROR_PAGES
from django_ory.provider.restart import build_restart_url

from .provider_site import ALICE, HYDRA, HYDRA_ADMIN, KRATOS, auth_url, parse_query

if TYPE_CHECKING:
    from django.http import HttpResponse

    from .provider_site import ProviderSite

EXPIRED = {"error": "request_unauthorized", "error_description": "The login request has expired."}
UNKNOWN = {"error": "Not Found", "error_description": "Unable to locate the requested resource"}
REQUEST = auth_url(scope="openid", state="x" * 16, redirect_uri="https://photos.example/callback")


def get_text(response: HttpResponse) -> str:
    return html.unescape(response.content.decode())


def get_button(response: HttpResponse) -> str:
    """Return the URL of the primary button, or ""."""
    found = re.search(r'class="ory-button ory-button--primary" href="([^"]+)"', response.content.decode())
    return html.unescape(found[1]) if found else ""


def get_login_state(site: ProviderSite, **values: Any) -> str:
    """Return the state of a browser that was sent to the sign-in page."""
    site.set_request("login", **{"request_url": REQUEST, **values})
    return parse_query(parse_query(site.get("login")["Location"])["return_to"])["state"]


def get_consent_state(site: ProviderSite, **values: Any) -> str:
    """Return the state of a consent page."""
    site.set_request("consent", **{"request_url": REQUEST, "subject": ALICE, **values})
    site.sign_in()
    site.set_identity()
    found = re.search(r'name="state" value="([^"]+)"', get_text(site.get("consent")))
    assert found
    return found[1]


def list_log(caplog: pytest.LogCaptureFixture, name: str) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == name]


class TestRestart:
    @pytest.mark.parametrize(
        ("status", "body", "shown", "title"),
        [
            (401, EXPIRED, 410, "This page has expired"),
            (404, UNKNOWN, 404, "This link no longer works"),
            (409, {"error": "Conflict"}, 410, "You have already answered"),
            (410, {}, 410, "You have already answered"),
        ],
    )
    def test_failed_login_restarts_at_hydra_by_click(
        self, site: ProviderSite, status: int, body: Any, shown: int, title: str
    ) -> None:
        state = get_login_state(site)
        site.set_request("login", status=status, body=body)
        response = site.get("login", state=state)
        assert (response.status_code, response.get("Location")) == (shown, None)
        assert title in get_text(response)
        assert get_button(response) == REQUEST
        assert "Go to Photo Lab" in get_text(response)
        assert site.list_targets("PUT") == []

    def test_failed_consent_restarts_at_hydra_by_click(self, site: ProviderSite) -> None:
        state = get_consent_state(site)
        site.set_request("consent", status=401, body=EXPIRED)
        response = site.post("consent", state=state, accept="1", grant_scope="openid")
        assert response.status_code == 410
        assert get_button(response) == REQUEST
        assert site.list_targets("PUT") == []

    def test_challenge_that_expires_before_the_acceptance_restarts(self, site: ProviderSite) -> None:
        site.set_request("login", request_url=REQUEST)
        site.sign_in()
        site.ory.respond("PUT /admin/oauth2/auth/requests/login/accept", json=EXPIRED, status=401)
        assert get_button(site.get("login")) == REQUEST

    @pytest.mark.parametrize("page", ["login", "consent", "logout"])
    def test_unknown_request_has_no_restart(self, site: ProviderSite, page: str) -> None:
        site.set_request(page, status=401, body=EXPIRED)
        response = site.get(page, state="forged")
        assert response.status_code == 410
        assert get_button(response) == ""
        assert "Go to homepage" in get_text(response)

    def test_state_of_another_challenge_has_no_restart(self, site: ProviderSite) -> None:
        state = get_login_state(site)
        site.set_request("login", status=401, body=EXPIRED)
        assert get_button(site.get("login", "d", state=state)) == ""

    def test_request_of_another_server_links_to_the_app_only(self, site: ProviderSite) -> None:
        state = get_login_state(site, request_url="https://evil.example/oauth2/auth?client_id=app")
        site.set_request("login", status=401, body=EXPIRED)
        response = site.get("login", state=state)
        assert get_button(response) == "https://photos.example/"
        assert "evil.example" not in get_text(response)

    def test_long_request_links_to_the_app_only(self, site: ProviderSite) -> None:
        state = get_login_state(site, request_url=auth_url(claims="x" * 3_000))
        site.set_request("login", status=401, body=EXPIRED)
        assert get_button(site.get("login", state=state)) == "https://photos.example/"

    def test_device_restarts_with_a_new_code(self, site: ProviderSite) -> None:
        url = f"{HYDRA}/oauth2/device/verify?client_id=app&device_verifier=v&user_code=%2A%2A%2A%2A"
        state = get_login_state(site, request_url=url, oidc_context=None)
        site.set_request("login", status=401, body=EXPIRED)
        assert get_button(site.get("login", state=state)) == f"{HYDRA}/oauth2/device/verify"

    def test_used_challenge_with_redirect_restarts_at_once(self, site: ProviderSite) -> None:
        site.set_request("consent", status=410, body={"redirect_to": auth_url()})
        assert site.get("consent")["Location"] == auth_url()


@pytest.mark.parametrize(
    ("url", "restart"),
    [
        (auth_url(a="1"), auth_url(a="1")),
        ("/oauth2/auth?client_id=app", auth_url()),
        (auth_url(login_verifier="v", consent_verifier="w"), auth_url()),
        (f"{auth_url()}#fragment", auth_url()),
        (f"{HYDRA}/oauth2/auth?state=x", ""),  # sent by POST
        (f"{HYDRA}/oauth2/auth?client_id=", ""),
        (f"{HYDRA}/oauth2/sessions/logout?client_id=app", ""),
        (f"{HYDRA}/oauth2/auth/../token?client_id=app", ""),
        (f"{HYDRA}/x/oauth2/auth?client_id=app", ""),
        ("https://evil.example/oauth2/auth?client_id=app", ""),
        ("//evil.example/oauth2/auth?client_id=app", ""),
        (f"{HYDRA}@evil.example/oauth2/auth?client_id=app", ""),
        (f"{HYDRA}\\@evil.example/oauth2/auth?client_id=app", ""),
        ("javascript:alert(1)//oauth2/auth?client_id=app", ""),
        (f"{HYDRA_ADMIN}/oauth2/auth?client_id=app", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_only_the_authorization_endpoint_of_hydra_restarts(url: str, restart: str) -> None:
    assert build_restart_url(url, settings=get_settings()) == restart


class TestOutage:
    @pytest.mark.parametrize("fault", ["down", "slow", "error", "html", "truncated", "rate_limited"])
    @pytest.mark.parametrize("page", ["login", "consent", "logout"])
    def test_hydra_that_fails_is_a_503_that_can_be_tried_again(
        self, site: ProviderSite, page: str, fault: str
    ) -> None:
        with site.ory.fault("hydra", fault):
            response = site.get(page, state="s")
        assert response.status_code == 503
        assert response["Retry-After"]
        assert get_button(response) == f"/auth/oauth2/{page}/?{page}_challenge=c&state=s"

    def test_answer_during_an_outage_is_not_lost(self, site: ProviderSite) -> None:
        state = get_consent_state(site)
        with site.ory.fault("hydra", "down"):
            response = site.post("consent", state=state, accept="1")
        assert response.status_code == 503
        again = get_button(response)
        assert parse_query(again) == {"consent_challenge": "c", "state": state}
        page = site.browser.get(again)
        assert page.status_code == 200
        assert b'name="accept"' in page.content

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (200, []),
            (200, {"challenge": 1, "client": 7}),
            (200, "<html>"),
            (404, "<html>not here"),
            (404, {"detail": "Not Found"}),
            (403, {"error": "forbidden"}),
            (302, ""),
        ],
    )
    def test_wrong_document_is_a_503(self, site: ProviderSite, status: int, body: Any) -> None:
        headers = {"Location": "https://evil.example/"} if status == 302 else {}
        route = "GET /admin/oauth2/auth/requests/consent"
        kwargs = {"body": body} if isinstance(body, str) else {"json": body}
        site.ory.respond(route, status=status, headers=headers, **kwargs)
        response = site.get("consent")
        assert (response.status_code, response.get("Location")) == (503, None)
        assert "evil.example" not in get_text(response)

    @pytest.mark.parametrize("body", [{}, {"redirect_to": None}, {"redirect_to": ""}])
    def test_acceptance_without_redirect_is_a_503(self, site: ProviderSite, body: Any) -> None:
        site.set_request("login")
        site.sign_in()
        site.ory.respond("PUT /admin/oauth2/auth/requests/login/accept", json=body)
        response = site.get("login")
        assert (response.status_code, response.get("Location")) == (503, None)

    @pytest.mark.parametrize("debug", [True, False])
    def test_insecure_http_is_explained_to_developers(
        self, site: ProviderSite, debug: bool, caplog: pytest.LogCaptureFixture
    ) -> None:
        body = {"error": "error", "error_description": "can not serve request over insecure http"}
        site.set_request("login", status=502, body=body)
        with override_settings(DEBUG=debug):
            response = site.get("login")
        assert response.status_code == 503
        assert ("Hydra only accepts https here" in get_text(response)) is debug
        assert 'use https in settings.ORY["default"]["HYDRA_ADMIN_URL"]' in caplog.text

    @pytest.mark.parametrize("debug", [True, False])
    def test_missing_setting_is_named_to_developers(
        self, site: ProviderSite, settings: Any, debug: bool
    ) -> None:
        settings.DEBUG = debug
        urls = {"KRATOS_PUBLIC_URL": KRATOS, "HYDRA_PUBLIC_URL": HYDRA, "HYDRA_ADMIN_URL": HYDRA_ADMIN}
        settings.ORY = {"default": urls}
        site.set_request("login", skip=True, subject=ALICE)
        response = site.get("login")
        assert response.status_code == 503
        assert ("kratos_admin_url" in get_text(response)) is debug


class TestLog:
    def test_expired_challenge_is_logged_once(
        self, site: ProviderSite, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        state = get_login_state(site)
        caplog.clear()
        site.set_request("login", status=401, body=EXPIRED)
        site.get("login", "a-secret-challenge")
        site.get("login", state=state)
        (line,) = list_log(caplog, "django_ory.provider")
        assert line.startswith(
            "A request at Hydra cannot continue (project default): GET /admin/oauth2/auth/"
        )
        assert (
            list_log(caplog, "django_ory.audit")
            == ['request.failed {"alias": "default", "reason": "expired"}'] * 2
        )
        assert "secret" not in caplog.text
        assert state not in caplog.text

    def test_untrusted_redirect_is_in_the_audit_log(
        self, site: ProviderSite, caplog: pytest.LogCaptureFixture
    ) -> None:
        site.set_request("login")
        site.sign_in()
        site.set_result("login", "accept", to="https://evil.example/")
        site.get("login")
        assert 'request.failed {"alias": "default", "reason": "untrusted_redirect"}' in caplog.text

    def test_page_without_challenge_is_not_logged(
        self, site: ProviderSite, caplog: pytest.LogCaptureFixture
    ) -> None:
        response = site.browser.get("/auth/oauth2/consent/")
        assert response.status_code == 400
        assert "This page cannot be opened directly" in get_text(response)  # type: ignore[arg-type]
        assert list_log(caplog, "django_ory.provider") == list_log(caplog, "django_ory.audit") == []


class TestHints:
    @pytest.mark.parametrize(
        ("status", "body", "hint"),
        [
            (401, EXPIRED, "ttl.login_consent_request"),
            (404, UNKNOWN, "HYDRA_ADMIN_URL"),
        ],
    )
    @pytest.mark.parametrize("debug", [True, False])
    def test_cause_is_shown_while_debug_is_on(
        self, site: ProviderSite, settings: Any, status: int, body: Any, hint: str, debug: bool
    ) -> None:
        settings.DEBUG = debug
        site.set_request("login", status=status, body=body)
        text = get_text(site.get("login"))
        assert (hint in text) is debug
        assert (f"{status} " in text) is debug

    @pytest.mark.parametrize("debug", [True, False])
    def test_other_server_of_a_redirect_is_explained_while_debug_is_on(
        self, site: ProviderSite, settings: Any, debug: bool
    ) -> None:
        settings.DEBUG = debug
        site.set_request("login")
        site.sign_in()
        site.set_result("login", "accept", to="https://evil.example/")
        text = get_text(site.get("login"))
        assert ("HYDRA_BROWSER_URL" in text) is debug
        assert "evil.example" not in text


@pytest.mark.parametrize("code", [*HYDRA_ERROR_PAGES, "invalid_request", "access_denied", ""])
def test_error_of_hydra_has_its_page(site: ProviderSite, code: str, caplog: pytest.LogCaptureFixture) -> None:
    page = ERROR_PAGES[HYDRA_ERROR_PAGES.get(code, "request_failed")]
    response = site.browser.get(f"/auth/oauth2/error/?{urlencode({'error': code})}")
    assert response.status_code == page.status
    text = get_text(response)  # type: ignore[arg-type]
    assert str(page.title) in text
    assert str(page.text) in text
    assert f'"reason": "{code or "no_error_code"}"' in caplog.text


def test_pages_have_a_status_that_is_no_success() -> None:
    """A page that ends a request well is the exception."""
    good = {name for name, page in ERROR_PAGES.items() if page.status < 400}
    assert good == {"device_rejected", "signed_out"}
    assert {page.status for page in ERROR_PAGES.values()} <= {200, *range(400, 500), 503}
