"""A visitor in a browser. Elements are found by label and role."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from django_ory.client import OryClient

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from django_ory.devstack import StackAddresses

_CODE = re.compile(r"\b\d{6}\b")

#: Longest wait for a mail. The default can be too short on a busy machine.
MAIL_SECONDS = 60.0


class Visitor:
    """A visitor with a unique email address and password."""

    first = "Alma"
    last = "Öberg"

    def __init__(self, page: Page, stack: StackAddresses) -> None:
        self.page = page
        self.email = f"alma.{secrets.token_hex(4)}@example.org"
        self.password = f"shed-{secrets.token_hex(8)}"
        self.stack = stack
        self._last_mail = ""

    def build_identity_body(self) -> dict[str, Any]:
        """Return the body that creates this visitor in Kratos, with a verified address."""
        return {
            "schema_id": "person",
            "traits": {"email": self.email, "name": {"first": self.first, "last": self.last}},
            "credentials": {"password": {"config": {"password": self.password}}},
            "verifiable_addresses": [
                {"value": self.email, "verified": True, "via": "email", "status": "completed"}
            ],
        }

    def create_account(self) -> None:
        """Create this visitor in Kratos, with a verified address."""
        with OryClient(kratos_admin_url=self.stack.kratos_admin_url, timeout=10.0) as client:
            client.admin_create_identity(body=self.build_identity_body())

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(label, exact=True)

    def press(self, name: str, *, within: str = "") -> None:
        """Press the button with this name. ``within`` selects a section by its title."""
        where = self.page.get_by_role("region", name=within, exact=True) if within else self.page
        where.get_by_role("button", name=name, exact=True).click()

    def remove(self, name: str) -> None:
        """Remove a credential with the button of this name, after the warning."""
        self.page.locator("summary").and_(self.page.get_by_label(name, exact=True)).click()
        self.press(name)

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def get_code_from_mail(self) -> str:
        """Return the code of the next mail to this visitor."""
        mail = self.stack.wait_for_mail(self.email, timeout=MAIL_SECONDS, after=self._last_mail)
        self._last_mail = mail.id
        found = _CODE.search(mail.text)
        assert found, f"no code in the mail {mail.subject!r}"
        return found[0]

    def get_link_from_mail(self) -> str:
        """Return the link of the next mail to this visitor."""
        mail = self.stack.wait_for_mail(self.email, timeout=MAIL_SECONDS, after=self._last_mail)
        self._last_mail = mail.id
        assert mail.link, f"no link in the mail {mail.subject!r}"
        return mail.link

    def enter_code(self) -> None:
        """Enter the code of the next mail and press Enter."""
        self.field("Code").fill(self.get_code_from_mail())
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def join(self, *, start: str = "/") -> None:
        """Register with the button of the page ``start``, up to the page that asks for the code."""
        self.page.goto(start)
        self.follow("Join")
        self.fill_in_registration()

    def fill_in_registration(self) -> None:
        self.fill_in_profile()
        self.choose_password()

    def fill_in_profile(self) -> None:
        """Complete the first step of a registration."""
        self.field("Email address").fill(self.email)
        self.field("First name (optional)").fill(self.first)
        self.field("Last name (optional)").fill(self.last)
        self.press("Continue")

    def choose_password(self) -> None:
        """Complete the second step of a registration."""
        self.field("Password").fill(self.password)
        self.press("Create account")

    def confirm(self) -> None:
        """Enter the code of the mail."""
        self.field("Code").fill(self.get_code_from_mail())
        self.press("Confirm code")

    def fill_in_sign_in(self, *, password: str = "") -> None:
        self.field("Email address").fill(self.email)
        self.field("Password").fill(password or self.password)
        self.press("Sign in")

    def sign_in(self, *, start: str = "/") -> None:
        """Sign in with the button of the page ``start``."""
        self.page.goto(start)
        self.follow("Sign in")
        self.fill_in_sign_in()
        self.expect_signed_in()

    def sign_out(self) -> None:
        self.press("Sign out")

    def expect_signed_in(self) -> None:
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def expect_signed_out(self) -> None:
        expect(self.page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
