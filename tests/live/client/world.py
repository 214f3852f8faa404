"""Servers, client and browsers of the client's live tests.

A scenario is a function that calls one operation successfully, declared by
``@proves("admin_create_identity")``.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from django_ory.client import HTTPInfo, OryClient

if TYPE_CHECKING:
    from django_ory.client import models
    from django_ory.client.services import Service
    from django_ory.client.transport import Call, Reply, Transport
    from django_ory.devstack import StackAddresses

    from .expired import Expired

PASSWORD = "correct horse battery"
T = TypeVar("T")
Scenario = Callable[["World"], object]
SCENARIOS: dict[str, Scenario] = {}


def proves(*names: str) -> Callable[[Scenario], Scenario]:
    """Register a scenario for the operations that it proves."""

    def register(scenario: Scenario) -> Scenario:
        for name in names:
            assert name not in SCENARIOS, name
            SCENARIOS[name] = scenario
        return scenario

    return register


class RecordingTransport:
    """A transport that records the operations with a successful response."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.succeeded: set[str] = set()

    def send(self, call: Call) -> Reply:
        """Send the request, then record the operation."""
        reply = self.transport.send(call)
        self.succeeded.add(call.operation)
        return reply

    def shares_project_url(self, service: Service) -> bool:
        """Return the result of the transport."""
        return self.transport.shares_project_url(service)

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()


class Browser:
    """Stores cookies like a browser, for operations that read and set them."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    @property
    def cookie(self) -> str:
        """The Cookie header."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def take(self, info: HTTPInfo[T]) -> T:
        """Store the cookies of a response, and return its data."""
        for line in info.set_cookies:
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0]
            if value and "Max-Age=0" not in line:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return info.data


@dataclass
class World:
    """The servers and a client for them. Names in a world are unique to its test."""

    stack: StackAddresses
    client: OryClient
    remembering: RecordingTransport
    expired: Expired | None = None
    mark: str = field(default_factory=lambda: uuid.uuid4().hex[:12])

    def email(self, name: str = "eva") -> str:
        """Return an address that is unique to this test."""
        return f"{name}-{self.mark}@example.com"

    def person(self, name: str = "eva", **more: Any) -> models.Identity:
        """Create an identity with a password."""
        return self.client.admin_create_identity(
            body={
                "schema_id": "person",
                "traits": {"email": self.email(name)},
                "credentials": {"password": {"config": {"password": PASSWORD}}},
                **more,
            }
        )

    def sign_in(self, name: str = "eva") -> models.SuccessfulNativeLogin:
        """Create a session of that person. Returns the session and its token."""
        flow = self.client.create_native_login_flow()
        return self.client.update_login_flow(
            flow=flow.id, body={"method": "password", "identifier": self.email(name), "password": PASSWORD}
        )

    def token(self, name: str = "eva") -> str:
        """Create a session and return its token."""
        token = self.sign_in(name).session_token
        assert token
        return token

    def browser(self, name: str = "eva") -> Browser:
        """Return a browser with a session of that person."""
        browser = Browser()
        flow = browser.take(self.client.with_http_info.create_browser_login_flow())
        self._send_password(browser, flow, name)
        assert "ory_kratos_session" in browser.cookies
        return browser

    def sign_in_again(self, browser: Browser, name: str = "eva") -> None:
        """Sign in again in this browser, which renews the time of the sign-in."""
        calls = self.client.with_http_info
        flow = browser.take(calls.create_browser_login_flow(refresh=True, cookie=browser.cookie))
        assert flow.refresh
        self._send_password(browser, flow, name)

    def _send_password(self, browser: Browser, flow: models.LoginFlow, name: str) -> None:
        body = {
            "method": "password",
            "identifier": self.email(name),
            "password": PASSWORD,
            "csrf_token": get_csrf_token(flow),
        }
        calls = self.client.with_http_info
        browser.take(calls.update_login_flow(flow=flow.id, cookie=browser.cookie, body=body))


def get_csrf_token(flow: models.Flow) -> str:
    """Return the CSRF token of a form."""
    return get_value(flow, "csrf_token")


def get_value(flow: models.Flow, name: str) -> str:
    """Return the value of an input of a flow."""
    for node in flow.ui.nodes:
        if getattr(node.attributes, "name", None) == name:
            return str(getattr(node.attributes, "value", ""))
    raise AssertionError(f"the form has no {name}")


def new_world(stack: StackAddresses) -> World:
    """Return a world on these servers."""
    client = OryClient(
        kratos_public_url=stack.kratos_public_url,
        kratos_admin_url=stack.kratos_admin_url,
        hydra_public_url=stack.hydra_public_url,
        hydra_admin_url=stack.hydra_admin_url,
    )
    remembering = RecordingTransport(client._transport)
    client._transport = remembering  # type: ignore[assignment]
    return World(stack, client, remembering)
