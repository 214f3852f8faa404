"""Fixtures for visits to the pages, and for pages of flows without HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from django_ory.client import models
from django_ory.http.redirects import TrustedOrigins
from django_ory.selfservice.flow_types import FLOW_TYPES_BY_NAME
from django_ory.selfservice.pages.flow_page import FlowPage, build_page
from django_ory.selfservice.pages.flow_user import FlowUser

from .shapes import FLOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

    from django_ory.testing import FakeOry

ORIGINS = TrustedOrigins(frozenset({("http", "kratos.test", 4433)}), frozenset({("http", "testserver", 80)}))
MODELS: dict[str, Any] = {
    "login": models.LoginFlow,
    "registration": models.RegistrationFlow,
    "recovery": models.RecoveryFlow,
    "verification": models.VerificationFlow,
    "settings": models.SettingsFlow,
}


def member(*emails: str, phones: tuple[str, ...] = (), verified: bool = True) -> models.Identity:
    """Return an identity with these addresses."""
    addresses = [*((each, "email") for each in emails), *((each, "sms") for each in phones)]
    found = [
        {"id": str(index), "value": value, "via": via, "verified": verified}
        for index, (value, via) in enumerate(addresses)
    ]
    return models.Identity.model_validate({"id": "x", "verifiable_addresses": found})


ANN = member("ann@example.org")
SESSION_COOKIE = "ory_kratos_session"


def read(body: dict[str, Any]) -> Any:
    """Return the model of a flow in JSON."""
    kind = body["request_url"].split("/self-service/")[1].split("/")[0]
    return MODELS[kind].model_validate(body)


@pytest.fixture
def page() -> Callable[..., FlowPage]:
    """Returns the page of a flow in JSON."""

    def make(body: dict[str, Any], *, identity: models.Identity | None = None, **options: Any) -> FlowPage:
        kind = body["request_url"].split("/self-service/")[1].split("/")[0]
        return build_page(
            FLOW_TYPES_BY_NAME[kind],
            read(body),
            **{
                "origins": ORIGINS,
                "site": "Acme",
                "find_user": lambda: FlowUser.from_identity(identity),
                **options,
            },
        )

    return make


class Kratos:
    """The browser of a user at the pages, and the responses of ``FakeOry``."""

    def __init__(self, ory: FakeOry, client: Client) -> None:
        self.ory = ory
        self.client = client
        self.identity: models.Identity | None = None

    def session(self, *, second_factor: bool = False) -> str:
        """Sign a user in with the first factor. Returns the Cookie header."""
        if self.identity is None:
            traits = {"email": "ann@example.org"}
            self.identity = self.ory.create_identity(traits, second_factor=second_factor)
        session = self.ory.login(self.client, self.identity, authenticated_at=timedelta(minutes=5))
        return f"{SESSION_COOKIE}={session.cookie}"

    def unknown_session(self, **answer: Any) -> None:
        """Set the response of whoami for a session cookie."""
        self.client.cookies[SESSION_COOKIE] = "unknown"
        self.ory.respond("GET /sessions/whoami", **answer)

    def flow(self, kind: str, flow: Any = None, **answer: Any) -> None:
        """Set the response for the fetch of a flow."""
        self.ory.respond(f"GET /self-service/{kind}/flows", **{"json": flow, **answer})

    def visit(self, kind: str, **query: Any) -> Response:
        return self.client.get(reverse(f"ory:{kind}"), query)

    def open(self, kind: str, flow: Any = None, **answer: Any) -> Response:
        """Visit the page of a flow with this response of Kratos."""
        self.flow(kind, flow, **answer)
        return self.visit(kind, flow=FLOW)


@pytest.fixture
def kratos(client: Client, db: None, ory: FakeOry) -> Kratos:
    return Kratos(ory, client)
