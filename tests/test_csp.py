"""``ory_csp``: the policy for ``SECURE_CSP`` and for django-csp."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import django
import pytest

from django_ory.conf import OryConfigurationError
from django_ory.csp import NONCE, ory_csp

ORY = {
    "default": {
        "KRATOS_PUBLIC_URL": "http://kratos.internal:4433",
        "KRATOS_BROWSER_URL": "https://auth.example.org/kratos",
        "HYDRA_PUBLIC_URL": "https://oauth.example.org",
        "CAPTCHA_ORIGINS": ["https://challenges.cloudflare.com"],
    }
}


def test_policy_without_settings_allows_the_site_and_the_nonce_only() -> None:
    policy = ory_csp(nonce="n")
    assert policy == {
        "default-src": ["'self'"],
        "script-src": ["'self'", "n"],
        "style-src": ["'self'", "n"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "frame-src": ["'none'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    assert not any("unsafe" in source for sources in policy.values() for source in sources)


def test_policy_of_settings_allows_kratos_as_browsers_reach_it_and_the_captcha() -> None:
    policy = ory_csp(ORY, nonce="n")
    captcha = "https://challenges.cloudflare.com"
    assert policy["script-src"] == ["'self'", "n", "https://auth.example.org", captcha]
    assert policy["frame-src"] == [captcha]
    assert policy["connect-src"] == ["'self'", captcha]
    assert "form-action" not in policy


def test_form_action_allows_kratos_hydra_and_the_given_origins() -> None:
    policy = ory_csp(ORY, form_action=["https://accounts.google.com"])
    assert policy["form-action"] == [
        "'self'",
        "https://auth.example.org",
        "https://oauth.example.org",
        "https://accounts.google.com",
    ]


def test_sources_of_the_site_are_added_once() -> None:
    policy = ory_csp(
        nonce="",
        sources={
            "img-src": ["data:", "https://cdn.example.org"],
            "font-src": ["https://fonts.example.org"],
            "frame-src": ["https://player.example.org"],
        },
    )
    assert policy["img-src"] == ["'self'", "data:", "https://cdn.example.org"]
    assert policy["font-src"] == ["'self'", "https://fonts.example.org"]
    assert policy["frame-src"] == ["https://player.example.org"]
    assert policy["script-src"] == ["'self'"]


@pytest.mark.parametrize(
    "options",
    [{"sources": {"img-src": "https://x"}}, {"form_action": "https://x"}],
    ids=["sources", "form_action"],
)
def test_text_instead_of_a_list_is_an_error(options: dict[str, Any]) -> None:
    with pytest.raises(OryConfigurationError, match="list of sources"):
        ory_csp(ORY, **options)


def test_settings_that_are_no_valid_project_are_ignored() -> None:
    assert ory_csp({"default": {"UNKNOWN": 1}}, nonce="")["script-src"] == ["'self'"]


def test_module_can_be_imported_by_settings() -> None:
    code = (
        "from django_ory.csp import ory_csp; from django.conf import settings; "
        "ory_csp(); print(settings.configured)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


@pytest.mark.skipif(django.VERSION < (6,), reason="Django renders no policy before 6.0")
def test_policy_is_rendered_by_django() -> None:
    from django.utils.csp import build_policy

    header = build_policy(ory_csp(ORY), "abc")
    assert "script-src 'self' 'nonce-abc' https://auth.example.org" in header
    assert NONCE not in header
