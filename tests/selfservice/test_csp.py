"""Under a strict Content-Security-Policy of any origin, all scripts of a page have the nonce of the page."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

import django
import pytest

from . import shapes
from .test_views import Tags

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from .conftest import Kratos


def django_csp(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Add the nonce and the header like the middleware of django-csp."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.csp_nonce = "n0nce"  # type: ignore[attr-defined]
        response = get_response(request)
        response["Content-Security-Policy"] = f"script-src 'nonce-{request.csp_nonce}'"  # type: ignore[attr-defined]
        return response

    return middleware


@pytest.fixture(
    params=[
        pytest.param(
            (
                "django.middleware.csp.ContentSecurityPolicyMiddleware",
                "django.template.context_processors.csp",
            ),
            marks=pytest.mark.skipif(django.VERSION < (6,), reason="Django sends no policy before 6.0"),
            id="django",
        ),
        pytest.param((f"{__name__}.django_csp", None), id="django-csp"),
    ]
)
def policy(request: pytest.FixtureRequest, settings: Any) -> None:
    middleware, processor = request.param
    settings.MIDDLEWARE = [middleware, *settings.MIDDLEWARE]
    settings.SECURE_CSP = {"script-src": ["<CSP_NONCE_SENTINEL>"]}
    if processor:
        settings.TEMPLATES = copy.deepcopy(settings.TEMPLATES)
        settings.TEMPLATES[0]["OPTIONS"]["context_processors"].append(processor)


@pytest.mark.usefixtures("policy")
@pytest.mark.parametrize("kind", ["login", "settings"])
def test_scripts_may_run(kratos: Kratos, kind: str) -> None:
    kratos.session()
    body = (
        shapes.login(extra=shapes.passkey(), refresh=True)
        if kind == "login"
        else shapes.settings(extra=shapes.passkey(), section="passkeys")
    )
    response = kratos.open(kind, body)
    nonce = re.fullmatch(r"script-src 'nonce-([^']+)'", response["Content-Security-Policy"])
    assert nonce
    scripts = Tags(response).all("script")
    assert {str(script["src"]).rpartition("/")[2] for script in scripts} == {"ory.js", "webauthn.js"}
    assert [script["nonce"] for script in scripts] == [nonce[1]] * 2
