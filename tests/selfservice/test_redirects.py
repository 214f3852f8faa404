from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import RequestFactory, override_settings

from django_ory.http.redirects import TrustedOrigins
from django_ory.selfservice.decisions.redirects import (
    clean_return_to,
    flow_start_url,
    get_success_url,
)
from django_ory.selfservice.flow_types import LOGIN

ORY: dict[str, Any] = {
    "default": {
        "KRATOS_PUBLIC_URL": "http://kratos.internal:4433",
        "KRATOS_BROWSER_URL": "https://id.example.org/kratos/",
        "HYDRA_PUBLIC_URL": "http://hydra.internal",
        "HYDRA_BROWSER_URL": "https://oauth.example.org",
    }
}


@override_settings(ORY=ORY)
def test_only_kratos_gets_forms_and_only_trusted_origins_get_redirects(rf: RequestFactory) -> None:
    origins = TrustedOrigins.from_request(rf.get("/"), alias="default")
    assert origins.allows_form_action("https://id.example.org/self-service/login")
    assert origins.allows_form_action("http://kratos.internal:4433/self-service/login")
    assert not origins.allows_form_action("https://oauth.example.org/")
    assert not origins.allows_form_action("http://id.example.org/")
    assert origins.allows_redirect("https://oauth.example.org/oauth2/auth")
    assert origins.allows_redirect("http://testserver/x")
    assert not origins.allows_redirect("https://evil.example/")


@override_settings(ORY=ORY)
def test_flow_start_url_has_the_browser_url_of_kratos() -> None:
    assert (
        flow_start_url(LOGIN, {}, alias="default")
        == "https://id.example.org/kratos/self-service/login/browser"
    )
    assert flow_start_url(LOGIN, {"return_to": "http://a/?b=c"}, alias="default").endswith(
        "?return_to=http%3A%2F%2Fa%2F%3Fb%3Dc"
    )


def test_too_long_return_to_is_left_out_of_the_start_url() -> None:
    given = {"aal": "aal2", "return_to": "http://testserver/?" + "é" * 4000}
    assert flow_start_url(LOGIN, given, alias="default").endswith("/self-service/login/browser?aal=aal2")
    kept = {"return_to": "http://testserver/?" + "e" * 4000}
    assert flow_start_url(LOGIN, kept, alias="default").endswith("e" * 4000)


@override_settings(ORY=ORY)
@pytest.mark.parametrize(
    ("candidate", "expected"),
    [
        ("/x", "http://testserver/x"),
        ("//evil.example", None),
        (
            "https://id.example.org/kratos/self-service/settings?flow=1",
            "https://id.example.org/kratos/self-service/settings?flow=1",
        ),
        ("https://oauth.example.org/oauth2/auth?x=1", "https://oauth.example.org/oauth2/auth?x=1"),
        ("https://oauth.example.org.evil.example/oauth2/auth", None),
        ("https://id.example.org/elsewhere", None),
        ("https://id.example.org/kratos/self-service/../elsewhere", None),
        ("https://id.example.org/kratos/self-service/%2e%2E/elsewhere", None),
        ("https://id.example.org/kratos/self-service/.%2e/elsewhere", None),
        ("https://id.example.org/kratos/self-service/..", None),
        ("https://id.example.org/kratos/self-service/./x", None),
        ("https://id.example.org/kratos/self-service/..%2felsewhere", None),
        ("https://id.example.org/kratos/self-service/..%5celsewhere", None),
        ("https://id.example.org/kratos/self-service/..\\elsewhere", None),
        ("https://id.example.org/kratos/self-service/.\t./elsewhere", None),
        ("https://id.example.org/kratos/self-service/\r\nSet-Cookie: a=b", None),
        ("https://id.example.org/kratos/self-service/é", None),
        ("https://oauth.example.org/oauth2/../elsewhere", None),
        ("https://oauth.example.org/oauth2/auth?x=" + "a" * 20_000, None),
        (
            "https://oauth.example.org/oauth2/auth?x=..%2F../y",
            "https://oauth.example.org/oauth2/auth?x=..%2F../y",
        ),
        ("https://oauth.example.org/oauth2/a..b", "https://oauth.example.org/oauth2/a..b"),
        ("", None),
        (None, None),
    ],
)
def test_return_to_is_cleaned(rf: RequestFactory, candidate: str | None, expected: str | None) -> None:
    assert clean_return_to(rf.get("/"), candidate, alias="default") == expected


@pytest.mark.parametrize(
    ("flow_name", "expected"),
    [
        ("login", "http://testserver/welcome/"),
        ("registration", "http://testserver/welcome/"),
        ("recovery", None),
    ],
)
def test_success_url_is_login_redirect_url(rf: RequestFactory, flow_name: str, expected: str | None) -> None:
    with override_settings(LOGIN_REDIRECT_URL="/welcome/"):
        assert get_success_url(rf.get("/"), flow_name=flow_name, alias="default") == expected
    with override_settings(LOGIN_REDIRECT_URL="https://evil.example/"):
        assert get_success_url(rf.get("/"), flow_name=flow_name, alias="default") is None


def test_success_url_of_a_logout_is_logout_redirect_url(rf: RequestFactory) -> None:
    with override_settings(LOGOUT_REDIRECT_URL="/bye/"):
        assert get_success_url(rf.get("/"), flow_name="logout", alias="default") == "http://testserver/bye/"
    with override_settings(LOGOUT_REDIRECT_URL=None):
        assert get_success_url(rf.get("/"), flow_name="logout", alias="default") is None


def test_unset_login_redirect_url_is_none(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    untouched = SimpleNamespace(is_overridden=lambda name: False)
    monkeypatch.setattr("django_ory.adapter.settings", untouched)
    assert get_success_url(rf.get("/"), flow_name="login", alias="default") is None
