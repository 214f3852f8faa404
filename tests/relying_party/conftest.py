"""A second site with sign-in at Hydra, and the logout tokens that Hydra sends to it."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from django_ory.relying_party.sessions import remember_provider_session
from django_ory.tokens.logout_token import LOGOUT_EVENT
from tests.tokens.signing import ISSUER, public_jwk, sign

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.testing import FakeOry

CLIENT_ID = "shop"
SUBJECT = "5b1c1dcb-7cc9-4e0a-9a9e-1f0c2a6f3a01"
SID = "f3a0d9b8-93b5-4c76-8d5f-2d3c4b5a6978"
ENDPOINT = "/oidc/backchannel-logout/"


def build_id_token_claims(**changes: Any) -> dict[str, Any]:
    """Return the claims of an ID token of Hydra."""
    claims = {"iss": ISSUER, "aud": [CLIENT_ID], "sub": SUBJECT, "sid": SID, "iat": int(time.time())}
    return {**claims, **changes}


def build_logout_claims(**changes: Any) -> dict[str, Any]:
    """Return the claims of a logout token of Hydra v2.3.0; None removes a claim."""
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": [CLIENT_ID],
        "iat": int(time.time()),
        "jti": str(uuid.uuid4()),
        "events": {LOGOUT_EVENT: {}},
        "sid": SID,
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def sign_logout(claims: dict[str, Any] | None = None, **headers: Any) -> str:
    """Return a signed logout token."""
    return sign(build_logout_claims() if claims is None else claims, algorithm="ES256", **headers)


def sign_in_with_claims(request: HttpRequest) -> HttpResponse:
    """Sign in as the callback of a library would, with the claims in the query."""
    claims = build_id_token_claims(**request.GET.dict())
    request.session["cart"] = "full"
    remember_provider_session(request, claims)
    return HttpResponse()


def show_cart(request: HttpRequest) -> HttpResponse:
    """Return a value of the Django session, "" after its end."""
    return HttpResponse(request.session.get("cart", ""))


urlpatterns = [
    path("sign-in/", login_not_required(sign_in_with_claims)),
    path("cart/", login_not_required(show_cart)),
    path("oidc/", include("django_ory.relying_party.urls")),
]


@pytest.fixture(autouse=True)
def second_site(settings: Any, ory: FakeOry, db: None) -> None:
    """The URLs and middleware of a site without Kratos."""
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [
        *(each for each in settings.MIDDLEWARE if not each.startswith("django_ory.middleware")),
        "django_ory.relying_party.middleware.ProviderLogoutMiddleware",
    ]
    settings.ORY = {"default": {"HYDRA_PUBLIC_URL": ISSUER, "LOGOUT_CLIENT_IDS": [CLIENT_ID]}}
    ory.respond("GET /.well-known/jwks.json", json={"keys": [public_jwk("ES256"), public_jwk("RS256")]})


@pytest.fixture
def browser() -> Callable[..., Client]:
    """``browser(sid=...)``: a browser with a signed-in user. Other arguments are claims."""

    def sign_in(**claims: Any) -> Client:
        client = Client()
        assert client.get("/sign-in/", claims).status_code == 200
        assert client.get("/cart/").content == b"full"
        return client

    return sign_in


@pytest.fixture
def deliver() -> Callable[..., HttpResponse]:
    """``deliver(token)``: the response to a post of Hydra."""

    def post(token: str, **options: Any) -> HttpResponse:
        body = {"logout_token": token}
        return Client(enforce_csrf_checks=True).post(
            ENDPOINT,
            "&".join(f"{name}={value}" for name, value in body.items()),
            content_type="application/x-www-form-urlencoded",
            **options,
        )  # type: ignore[return-value]

    return post
