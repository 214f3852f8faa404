"""W040 names the source that ``SECURE_CSP`` lacks."""

from __future__ import annotations

import copy
from typing import Any

import django
import pytest

from django_ory.checks.csp import CONTEXT_PROCESSOR, missing_sources
from django_ory.checks.rules import CheckContext, Finding
from django_ory.csp import NONCE, ory_csp

KRATOS = "https://auth.example.org"
CAPTCHA = "https://challenges.cloudflare.com"
needs_nonce = pytest.mark.skipif(django.VERSION < (6,), reason="Django has no nonce before 6.0")


@pytest.fixture(autouse=True)
def project(settings: Any) -> None:
    settings.ORY = {"default": {"KRATOS_PUBLIC_URL": "http://internal", "KRATOS_BROWSER_URL": KRATOS}}


def find(settings: Any, policy: Any) -> list[Finding]:
    settings.SECURE_CSP = policy
    return list(missing_sources(CheckContext()))


def add_nonce(settings: Any) -> None:
    settings.TEMPLATES = copy.deepcopy(settings.TEMPLATES)
    settings.TEMPLATES[0]["OPTIONS"]["context_processors"].append(CONTEXT_PROCESSOR)


@pytest.mark.parametrize(
    "policy",
    [
        None,
        {},
        {"upgrade-insecure-requests": True},
        {"default-src": ["*", "data:"]},
        {"default-src": ["'self'", "https:", "data:"]},
        {"script-src": ("'self'", "https://*.example.org"), "style-src": {"'self'"}},
        {"script-src": ["'self'", "auth.example.org"], "form-action": KRATOS},
        {"script-src": None, "style-src": False},
    ],
    ids=str,
)
def test_sufficient_policy_has_no_finding(settings: Any, policy: Any) -> None:
    assert find(settings, policy) == []


def test_policy_of_ory_csp_has_no_finding(settings: Any) -> None:
    settings.ORY["default"]["CAPTCHA_ORIGINS"] = [CAPTCHA]
    assert find(settings, ory_csp(settings.ORY)) == []
    assert find(settings, ory_csp(settings.ORY, form_action=[])) == []


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        ({"script-src": ["'self'"]}, f"script-src lacks {KRATOS}, for passkeys"),
        ({"script-src-elem": ["'self'"], "script-src": ["*"]}, f"script-src lacks {KRATOS}"),
        ({"script-src": [KRATOS]}, "script-src lacks 'self', for the script"),
        ({"script-src": ["'self'", "https://*.auth.example.org"]}, f"script-src lacks {KRATOS}"),
        ({"script-src": ["'self'", "https://auth.example.org:8443"]}, f"script-src lacks {KRATOS}"),
        ({"script-src": ["'self'", "http://auth.example.org"]}, f"script-src lacks {KRATOS}"),
        ({"style-src": ["'none'"]}, "style-src lacks 'self', for the style sheet"),
        ({"img-src": ["'self'"]}, "img-src lacks data:, for the QR code"),
        ({"form-action": ["'self'"]}, f"form-action lacks {KRATOS}, for all forms"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value),
)
def test_missing_source_is_named(settings: Any, policy: Any, problem: str) -> None:
    (finding,) = find(settings, policy)
    assert problem in finding.message
    assert "ory_csp(ORY)" in finding.hint


def test_missing_origin_of_a_captcha_is_named_for_script_and_frame(settings: Any) -> None:
    settings.ORY["default"]["CAPTCHA_ORIGINS"] = [CAPTCHA]
    found = find(settings, {"default-src": ["'self'", KRATOS, "data:"]})
    assert [each.message.split(": ")[1].split(",")[0] for each in found] == [
        f"script-src lacks {CAPTCHA}",
        f"frame-src lacks {CAPTCHA}",
    ]


def test_static_files_of_another_host_need_its_origin(settings: Any) -> None:
    settings.STATIC_URL = "https://static.example.net/"
    found = find(settings, {"style-src": ["'self'"]})
    assert "style-src lacks https://static.example.net" in found[0].message


@pytest.mark.parametrize(
    "changes",
    [{"KRATOS_BROWSER_URL": "http://["}, {"KRATOS_BROWSER_URL": "/kratos"}, {"CAPTCHA_ORIGINS": [1]}],
    ids=str,
)
def test_invalid_value_ends_neither_the_check_nor_the_policy(settings: Any, changes: dict[str, Any]) -> None:
    settings.ORY["default"].update(changes)
    found = find(settings, {"default-src": ["*", "data:"]})
    assert [each.message for each in found if "lacks ," in each.message] == []
    assert ory_csp(settings.ORY)["script-src"]


@needs_nonce
def test_nonce_allows_scripts_only_with_its_context_processor(settings: Any) -> None:
    policy = {"script-src": [NONCE], "style-src": [NONCE]}
    found = find(settings, policy)
    assert len(found) == 3
    assert all(CONTEXT_PROCESSOR in each.hint for each in found)
    add_nonce(settings)
    assert find(settings, policy) == []
