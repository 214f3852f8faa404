"""A Kratos of stubs, and flows turned into pages without any HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import responses
from django.urls import reverse

from django_ory.client import models
from django_ory.http.redirects import TrustedOrigins
from django_ory.selfservice.flow_types import FLOW_TYPES
from django_ory.selfservice.pages.flow_page import FlowPage, build_page

from .shapes import FLOW, KRATOS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

ORIGINS = TrustedOrigins(frozenset({("http", "kratos.test", 4433)}), frozenset({("http", "testserver", 80)}))
MODELS: dict[str, Any] = {
    "login": models.LoginFlow,
    "registration": models.RegistrationFlow,
    "recovery": models.RecoveryFlow,
    "verification": models.VerificationFlow,
    "settings": models.SettingsFlow,
}


def member(*emails: str, phones: tuple[str, ...] = (), verified: bool = True) -> models.Identity:
    """An identity with these addresses."""
    addresses = [*((each, "email") for each in emails), *((each, "sms") for each in phones)]
    found = [
        {"id": str(index), "value": value, "via": via, "verified": verified}
        for index, (value, via) in enumerate(addresses)
    ]
    return models.Identity.model_validate({"id": "x", "verifiable_addresses": found})


ANN = member("ann@example.org")
SESSION_COOKIE = "ory_kratos_session"


def read(body: dict[str, Any]) -> Any:
    """The client's model of a flow in JSON."""
    kind = body["request_url"].split("/self-service/")[1].split("/")[0]
    return MODELS[kind].model_validate(body)


@pytest.fixture
def page() -> Callable[..., FlowPage]:
    """Makes the page of a flow in JSON."""

    def make(body: dict[str, Any], **options: Any) -> FlowPage:
        kind = body["request_url"].split("/self-service/")[1].split("/")[0]
        return build_page(FLOW_TYPES[kind], read(body), **{"origins": ORIGINS, "site": "Acme", **options})

    return make


class Kratos:
    """Stubs of Kratos' public API, and visits to our pages."""

    def __init__(self, stubs: responses.RequestsMock, client: Client) -> None:
        self.stubs = stubs
        self.client = client

    def alive(self, **answer: Any) -> None:
        self.stubs.get(f"{KRATOS}/health/alive", **(answer or {"json": {"status": "ok"}}))

    def session(self, aal: str = "aal1", **answer: Any) -> None:
        """Somebody is signed in, or what else whoami answers to the cookie."""
        self.client.cookies[SESSION_COOKIE] = "signed-in"
        body = {
            "id": "5d6c3f6e-9f0e-4a1f-8c39-0a5c8cf2a001",
            "active": True,
            "expires_at": "2999-01-01T00:00:00Z",
            "authenticated_at": "2026-11-22T02:00:00Z",
            "authenticator_assurance_level": aal,
            "identity": {
                "id": "0b7d9a53-4a3f-4b0c-a3a8-6a4a0f7b1c22",
                "schema_id": "person",
                "state": "active",
                "traits": {"email": "ann@example.org"},
            },
        }
        self.stubs.get(f"{KRATOS}/sessions/whoami", **(answer or {"json": body}))

    def flow(self, kind: str, flow: Any = None, **answer: Any) -> None:
        """What the fetch of a flow answers."""
        given = {"json": flow} if flow is not None else {}
        self.stubs.get(f"{KRATOS}/self-service/{kind}/flows", **(given | answer))

    def visit(self, kind: str, **query: Any) -> Response:
        return self.client.get(reverse(f"ory:{kind}"), query)

    def open(self, kind: str, flow: Any = None, **answer: Any) -> Response:
        """Visit the page of a flow that Kratos answers like this."""
        self.flow(kind, flow, **answer)
        return self.visit(kind, flow=FLOW)


@pytest.fixture
def kratos(client: Client, db: None) -> Iterator[Kratos]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as stubs:
        yield Kratos(stubs, client)
