"""The page of the guide for single-page apps, in the project that the guide makes."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from django_ory.devstack.ports import find_free_ports
from tests.e2e.servers import ServedSite
from tests.live.codes import totp
from tests.support.guides import ROOT, GuideRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from django_ory.devstack import OryStack
    from tests.e2e.visitor import Visitor
    from tests.support.guides import Environments

PAGE = ROOT / "docs" / "guides" / "spa.md"


@pytest.fixture
def shop(
    ory_stack_factory: Callable[..., OryStack], environments: Environments, tmp_path: Path
) -> Iterator[OryStack]:
    """The site of the guide, served with a stack of its own."""
    stack = ory_stack_factory(site_url=f"http://localhost:{find_free_ports(1)[0]}")
    urls = {
        "http://localhost:4433": stack.kratos_public_url,
        "http://localhost:4434": stack.kratos_admin_url,
    }
    with GuideRun(PAGE, tmp_path, environments, replace=urls) as run:
        run.follow()
    assert "Ran 3 tests" in run.outputs["python manage.py test"]
    assert [block.language for block in run.illustrations] == ["python"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "shop.settings"}
    site = ServedSite(
        stack.site_url,
        tmp_path / "shop" / "manage.py",
        environment=environment,
        log=tmp_path / "site.log",
    )
    site.manage("migrate", "--verbosity=0")
    site.start()
    yield stack
    site.stop()


def test_user_signs_in_orders_pays_with_a_second_factor_and_signs_out(
    shop: OryStack, member: Callable[..., Visitor]
) -> None:
    alma = member(stack=shop)
    page = alma.page

    # A denied request leads to the sign-in page and back.
    page.goto("/")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    alma.press("Order a cup")
    expect(page).to_have_url(re.compile("/auth/login/"))
    alma.fill_in_sign_in()
    expect(page.get_by_text(f"Signed in as {alma.email}")).to_be_visible()

    # The token changes in another tab.
    page.context.clear_cookies(name="csrftoken")
    alma.press("Order a cup")
    expect(page.get_by_role("listitem")).to_have_text(["A cup"])

    # Another user signs in in another tab. Nothing is ordered in the account that the page does not show.
    bela = member(stack=shop)
    bela.page.goto("/")
    bela.follow("Sign in")
    bela.fill_in_sign_in()
    expect(bela.page.get_by_text(f"Signed in as {bela.email}")).to_be_visible()
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.context.add_cookies(bela.page.context.cookies())  # type: ignore[arg-type]
    with page.expect_event("load"):
        alma.press("Order a cup")
    expect(page.get_by_text(f"Signed in as {bela.email}")).to_be_visible()
    expect(page.get_by_role("listitem")).to_have_count(0)
    page.context.clear_cookies()
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.goto("/")
    expect(page.get_by_role("listitem")).to_have_text(["A cup"])

    alma.press("Pay")
    expect(page.get_by_role("heading", level=1)).to_have_text("Two-factor authentication")
    alma.follow("Go to account settings")
    page.get_by_text("Set up", exact=True).click()
    secret = page.locator("#ory-totp-secret-key").inner_text()
    alma.field("Code from the app").fill(totp(secret))
    alma.press("Turn on", within="Authenticator app")
    expect(page.get_by_text("Remove", exact=True)).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("listitem")).to_have_text(["A cup"])
    alma.press("Pay")
    expect(page.get_by_role("status")).to_have_text("Paid: 1")

    alma.sign_out()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()

    # A user who gave only the first of two factors is asked for the second one.
    state = {
        "authenticated": False,
        "aal2_required": True,
        "csrf_token": "",
        "links": {"login": "/auth/login/"},
    }
    page.route("**/auth/session/", lambda route: route.fulfill(json=state))
    with page.expect_request(re.compile(r"/auth/login/\?aal=aal2&next=")):
        page.goto("/", wait_until="commit")
