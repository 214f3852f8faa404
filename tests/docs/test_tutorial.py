"""The tutorial, followed with real servers, while a real browser does what the text tells the reader.

The actions of the reader up to a picture are a function with the name of the picture. ``--pictures FOLDER``
writes the pictures that the tutorial shows.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.guides import ROOT, GuideRun, read_pictures

from .pages import OWN_TESTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page

    from tests.support.guides import Environments

    from .reader import Reader

TUTORIAL = ROOT / "docs" / "tutorial"
PARTS = [ROOT / page for page, module in OWN_TESTS.items() if module == "test_tutorial"]
CLUB, SHOP = "http://localhost:8000", "http://127.0.0.1:8001"
PASSWORD = "a quiet harbor at 5 am"
#: Longest wait for a line of a server, such as that of a mail.
PRINT_SECONDS = 60
#: The page has this text in place of the secret of the client, and the picture, too.
SECRET = "the-secret-of-that-page"


class Walk:
    """The reader with two browser windows: Ada's, and a private one that is Bob's."""

    def __init__(self, run: GuideRun, open_context: Callable[..., BrowserContext], folder: Path) -> None:
        self.run = run
        self.ada = open_window(open_context)
        self.bob = open_window(open_context)
        self._folder = folder
        self._mails: Counter[str] = Counter()

    def at_picture(self, picture: Path) -> None:
        """Do what the text tells up to this picture and shortly after it, and write the picture."""
        {
            "sign-up": self.sign_up,
            "signed-in": self.confirm,
            "sign-in": self.open_members,
            "members": self.sign_in_to_members,
            "account": self.change_name,
            "added": self.add_bob,
            "deactivated": self.deactivate_bob,
            "client": self.register_shop,
            "consent": self.open_shop,
            "shop": self.allow,
            "signed-out": self.sign_out_of_both,
        }[picture.stem]()

    def sign_up(self) -> None:
        self.open(CLUB)
        self.ada.get_by_role("link", name="Join the club").click()
        self.fill("Email address", "ada@example.org")
        self.fill("First name (optional)", "Ada")
        self.fill("Last name (optional)", "Lovelace")
        self.take("sign-up")
        self.press("Continue")
        self.fill("Password", PASSWORD)
        self.press("Create account")
        expect_heading(self.ada, "Check your email")

    def confirm(self) -> None:
        self.fill("Code", self.wait_for_code("ada@example.org"))
        self.press("Confirm code")
        self.ada.get_by_role("link", name="Continue", exact=True).click()
        expect(self.ada.get_by_text("You are signed in as ada@example.org.")).to_be_visible()
        self.take("signed-in", height=280)
        self.press("Sign out")
        expect(self.ada.get_by_role("link", name="Join the club")).to_be_visible()
        self.ada.get_by_role("link", name="Sign in", exact=True).click()
        self.sign_in()
        expect(self.ada.get_by_text("You are signed in as ada@example.org.")).to_be_visible()

    def open_members(self) -> None:
        self.open(CLUB)
        self.press("Sign out")
        expect(self.ada.get_by_role("link", name="Join the club")).to_be_visible()
        self.open(f"{CLUB}/members/")
        expect_heading(self.ada, "Sign in to Rowing club")
        self.take("sign-in")

    def sign_in_to_members(self) -> None:
        self.sign_in()
        expect_heading(self.ada, "Hello Ada")
        assert self.ada.url == self.run.adapt(f"{CLUB}/members/")
        self.take("members", height=280)

    def change_name(self) -> None:
        self.ada.get_by_role("link", name="Get the key").click()
        expect_heading(self.ada, "The key of the boathouse")
        self.ada.go_back()
        self.ada.get_by_role("link", name="My account").click()
        expect_heading(self.ada, "Your account")
        self.take("account")
        self.fill("First name (optional)", "Augusta")
        self.press("Save")
        expect(self.ada.get_by_text("saved")).to_be_visible()
        self.open(f"{CLUB}/members/")
        expect_heading(self.ada, "Hello Augusta")
        self.open(f"{CLUB}/keys/")
        expect(self.ada.get_by_text("Augusta, the key is")).to_be_visible()

    def add_bob(self) -> None:
        self.open(f"{CLUB}/admin/")
        self.ada.get_by_role("link", name="Identities", exact=True).click()
        expect(self.ada.get_by_role("link", name="ada@example.org")).to_be_visible()
        self.ada.get_by_role("link", name="Add identity").click()
        self.fill("Email address:", "bob@example.org")
        self.fill("First name:", "Bob")
        self.press("Save")
        expect(self.ada.get_by_text("was added successfully")).to_be_visible()
        self.take("added")
        self.bob.goto(self.run.adapt(f"{CLUB}/members/"))
        self.bob.get_by_label("Email address").fill("bob@example.org")
        self.bob.get_by_role("button", name="Send me a sign-in code").click()
        self.bob.get_by_label("Code").fill(self.wait_for_code("bob@example.org"))
        self.bob.get_by_role("button", name="Sign in", exact=True).click()
        expect_heading(self.bob, "Hello Bob")

    def deactivate_bob(self) -> None:
        self.ada.get_by_role("link", name="bob@example.org").last.click()
        self.press("Deactivate and end sessions")
        expect(self.ada.get_by_text("1 identity was deactivated")).to_be_visible()
        self.take("deactivated")
        self.bob.reload()
        expect_heading(self.bob, "Sign in to Rowing club")
        self.bob.get_by_label("Email address").fill("bob@example.org")
        self.bob.get_by_role("button", name="Send me a sign-in code").click()
        self.bob.get_by_label("Code").fill(self.wait_for_code("bob@example.org"))
        self.bob.get_by_role("button", name="Sign in", exact=True).click()
        expect_heading(self.bob, "This account has been disabled")

    def register_shop(self) -> None:
        self.open(f"{CLUB}/admin/")
        self.ada.get_by_role("link", name="OAuth2 clients", exact=True).click()
        self.ada.get_by_role("link", name="Add OAuth2 client").click()
        self.fill("Name:", "Club shop")
        self.fill("Client id:", "club-shop")
        self.ada.get_by_role("checkbox", name=re.compile("^refresh_token")).uncheck()
        self.fill("Scopes:", "openid profile email")
        self.fill("Redirect URIs:", self.run.adapt(f"{SHOP}/oidc/callback/"))
        self.ada.get_by_role("heading", name="Logout", exact=True).click()
        self.fill("Back-channel logout URI:", self.run.adapt(f"{SHOP}/oidc/backchannel-logout/"))
        self.press("Save")
        shown = self.ada.locator("#ory-client-secret")
        self.run.replace = {**self.run.replace, SECRET: shown.inner_text()}
        shown.evaluate("(element, text) => { element.textContent = text }", SECRET)
        self.take("client")
        self.press("Done")
        self.ada.get_by_role("link", name="How to connect").click()
        settings = self.ada.locator("pre", has_text="OIDC_RP_CLIENT_ID").inner_text()
        page = self.run.adapt((TUTORIAL / "second-site.md").read_text())
        for line in settings.splitlines():
            assert f"\n{line}\n" in page or not line, f"the page does not have the setting {line}"

    def open_shop(self) -> None:
        self.open(SHOP)
        self.ada.get_by_role("link", name="Sign in with the Rowing club").click()
        expect_heading(self.ada, "Allow Club shop?")
        self.take("consent", height=910)

    def allow(self) -> None:
        self.press("Allow")
        expect(self.ada.get_by_text("Hello Augusta. Your receipts go to ada@example.org.")).to_be_visible()
        self.take("shop", height=280)

    def sign_out_of_both(self) -> None:
        self.open(f"{CLUB}/auth/settings/")
        self.ada.get_by_role("link", name="Connected apps").click()
        expect(self.ada.get_by_text("Club shop").first).to_be_visible()
        self.open(CLUB)
        self.press("Sign out")
        expect(self.ada.get_by_role("link", name="Join the club")).to_be_visible()
        self.wait_for('"POST /oidc/backchannel-logout/ HTTP/1.1" 200')
        self.open(SHOP)
        expect(self.ada.get_by_role("link", name="Sign in with the Rowing club")).to_be_visible()
        self.take("signed-out", height=280)

    def sign_in(self) -> None:
        self.fill("Email address", "ada@example.org")
        self.fill("Password", PASSWORD)
        self.press("Sign in")

    def open(self, url: str) -> None:
        self.ada.goto(self.run.adapt(url))

    def fill(self, label: str, text: str) -> None:
        self.ada.get_by_label(label, exact=True).fill(text)

    def press(self, name: str) -> None:
        self.ada.get_by_role("button", name=name, exact=True).click()

    def take(self, name: str, *, height: int = 620) -> None:
        """Write the picture of Ada's window, with this height in pixels."""
        width = 1240 if "/admin/" in self.ada.url else 900
        self.ada.set_viewport_size({"width": width, "height": height})
        self.ada.screenshot(path=self._folder / f"{name}.png", animations="disabled")

    def wait_for_code(self, email: str) -> str:
        """Return the code of the next mail to an address, as ``ory_dev`` prints it."""
        self._mails[email] += 1
        return self.wait_for(rf"Mail to {re.escape(email)}: .*code (\d{{6}})", times=self._mails[email])

    def wait_for(self, pattern: str, *, times: int = 1) -> str:
        """Wait until the servers have printed a text this often. Returns the group of the last one."""
        deadline = time.monotonic() + PRINT_SECONDS
        while True:
            printed = "".join(server.read_log() for server in self.run.servers)
            found = re.findall(pattern, printed)
            if len(found) >= times:
                return str(found[-1])
            assert time.monotonic() < deadline, printed[-6000:]
            self.ada.wait_for_timeout(100)


def open_window(open_context: Callable[..., BrowserContext]) -> Page:
    return open_context(base_url=CLUB).new_page()


def expect_heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def test_tutorial_is_followed_in_a_browser(
    environments: Environments,
    reader: Reader,
    open_context: Callable[..., BrowserContext],
    pictures: Path,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    reader.close()  # what the last page has started has the same ports
    folder = tmp_path / "work"
    folder.mkdir()
    ports = {} if request.config.getoption("--pictures") else reader.ports  # the pictures show ports
    with GuideRun(PARTS[0], folder, environments, ports=ports) as run:
        run.at_picture = Walk(run, open_context, pictures / "tutorial").at_picture
        for run.page in PARTS:
            run.follow()
        assert run.illustrations == []
        for server in run.servers:
            assert "Traceback" not in server.read_log()
    shown = {path.name for page in TUTORIAL.glob("*.md") for path in read_pictures(page).values()}
    assert shown == {path.name for path in (pictures / "tutorial").glob("*.png")}
