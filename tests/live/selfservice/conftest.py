"""A real Kratos, the site in this process, and visitors in browsers without JavaScript."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import pytest
from django.urls import reverse

from django_ory.clients import get_client
from tests.live.provider.browser import Browser
from tests.support.identity_schemas import build_identity_schema, build_schemas_config

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import OryStack, StackAddresses

    StartStack = Callable[[dict[str, Any]], OryStack]

PASSWORD = "a quiet harbor at 5 am"


@dataclass
class Visitor:
    """A visitor with an email address, a password and a browser."""

    stack: StackAddresses
    email: str = field(default_factory=lambda: f"v{secrets.token_hex(6)}@example.org")
    password: str = PASSWORD
    browser: Browser = field(init=False)

    def __post_init__(self) -> None:
        self.browser = Browser(self.stack.site_url)

    def page(self, kind: str, query: str = "") -> Browser:
        return self.browser.open(f"{self.stack.site_url}{reverse(f'ory:{kind}')}{query}")

    def press(self, value: str, **fields: str) -> Browser:
        """Press the button with this value or name, in any form of the page."""
        browser = self.browser
        for form in browser.forms:
            for name, given in form.buttons:
                if value in (given, name):
                    data = [(k, v) for k, v in form.fields if k not in fields] + [
                        *fields.items(),
                        (name, given),
                    ]
                    return browser.post(urljoin(browser.url, form.action), data)
        raise AssertionError(f"no button {value!r} on {browser.url}: {browser.text[:3000]}")

    def sign_in(self, query: str = "", **fields: str) -> Browser:
        self.page("login", query)
        return self.press("password", **{"identifier": self.email, "password": self.password, **fields})

    def sign_out(self) -> Browser:
        self.page("logout")
        form = self.browser.forms[0]
        return self.browser.post(f"{self.stack.site_url}{form.action}", form.fields)

    def code(self, *, after: str = "") -> str:
        """Return the code of the newest mail."""
        mail = self.stack.wait_for_mail(self.email, after=after)
        found = re.search(r"\b(\d{6})\b", mail.text)
        assert found, mail.text
        return found[1]

    @property
    def heading(self) -> str:
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.browser.text, re.DOTALL)
        return found[1].strip() if found else ""

    def is_signed_in(self) -> bool:
        names = {cookie.name for cookie in self.browser.session.cookies}
        return any("session" in name and name.startswith("ory_") for name in names)

    def block_cookies(self) -> None:
        self.browser.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))


@pytest.fixture
def stack(ory_stack: StackAddresses, settings: Any, db: None) -> StackAddresses:
    settings.ORY = ory_stack.ory_setting
    return ory_stack


@pytest.fixture
def visitor(stack: StackAddresses) -> Visitor:
    return Visitor(stack)


@pytest.fixture
def member(stack: StackAddresses) -> Callable[[], Visitor]:
    """Returns visitors with an account and a verified address."""

    def make() -> Visitor:
        return enroll(Visitor(stack))

    return make


def enroll(visitor: Visitor) -> Visitor:
    address = {"value": visitor.email, "verified": True, "via": "email", "status": "completed"}
    get_client().admin_create_identity(
        body={
            "schema_id": "person",
            "traits": {"email": visitor.email, "name": {"first": "Ann"}},
            "credentials": {"password": {"config": {"password": visitor.password}}},
            "verifiable_addresses": [address],
        }
    )
    return visitor


@pytest.fixture
def start_stack(ory_stack_factory: Callable[..., OryStack], settings: Any, db: None) -> StartStack:
    """Starts a stack with these changes to the configuration of Kratos."""

    def start(kratos: dict[str, Any]) -> OryStack:
        stack = ory_stack_factory(config_overrides={"kratos": kratos})
        settings.ORY = stack.ory_setting
        return stack

    return start


def build_identity_config(
    traits: dict[str, Any], required: tuple[str, ...] = (), **more: Any
) -> dict[str, Any]:
    """Return the part of the configuration with one identity schema."""
    return build_schemas_config(person=build_identity_schema(traits, required, **more))


EMAIL = {
    "type": "string",
    "format": "email",
    "title": "Email address",
    "ory.sh/kratos": {"credentials": {"password": {"identifier": True}}, "verification": {"via": "email"}},
}


def get_traits(email: str) -> dict[str, Any] | None:
    found = get_client().admin_list_identities(credentials_identifier=email)
    return found[0].traits if found else None
