"""Another site signs people in through Toolshelf: refused once, allowed once, signed out again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from playwright.sync_api import expect

from django_ory.client import OryClient
from django_ory.devstack.ports import find_free_ports

from .servers import build_client_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext

    from django_ory.devstack import StackAddresses

    from .looks import Looks
    from .people import Visitor
    from .servers import ServedSite


@pytest.fixture(scope="module")
def workshop(ory_stack: StackAddresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    """Fix-it Friday, registered at Hydra as staff would do it."""
    url = f"http://localhost:{find_free_ports(1)[0]}"
    body: dict[str, Any] = {
        "client_name": "Fix-it Friday",
        "redirect_uris": [f"{url}/callback/"],
        "post_logout_redirect_uris": [f"{url}/"],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "scope": "openid profile email",
        "token_endpoint_auth_method": "client_secret_basic",
    }
    # Hydra makes its signing keys when first asked for them, which can take longer than visitors wait.
    requests.get(f"{ory_stack.hydra_public_url}/.well-known/jwks.json", timeout=60).raise_for_status()
    with OryClient(hydra_admin_url=ory_stack.hydra_admin_url, timeout=10.0) as client:
        made = client.admin_create_o_auth2_client(body=body)
    oidc = {
        "OIDC_CLIENT_ID": made.client_id or "",
        "OIDC_CLIENT_SECRET": made.client_secret or "",
        "OIDC_DISCOVERY_URL": f"{ory_stack.hydra_public_url}/.well-known/openid-configuration",
    }
    served = build_client_site(url, oidc=oidc, folder=tmp_path_factory.mktemp("workshop"))
    served.start()
    yield served
    served.stop()


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_consent_is_denied_then_allowed_then_logged_out(
    member: Callable[..., Visitor], workshop: ServedSite, looks: Looks, javascript: bool
) -> None:
    alma = member(javascript=javascript)
    page = alma.page
    look = looks.at if javascript else looks.skip

    page.goto(workshop.url)
    look(page, "workshop", "Bring it broken. Take it home working.")
    alma.press("Sign in with Toolshelf")
    look(page, "oauth2-login", "Sign in")
    expect(page.get_by_role("main")).to_contain_text("to continue to Fix-it Friday")
    alma.fill_in_sign_in()
    look(page, "oauth2-consent", "Allow Fix-it Friday?")
    alma.press("Deny")
    look(page, "workshop-refused", "You are not signed in")

    alma.press("Try again")
    alma.press("Allow")
    look(page, "workshop-member", f"See you on Friday, {alma.first}.")
    expect(page.get_by_text(alma.email).first).to_be_visible()

    alma.press("Sign out")
    look(page, "oauth2-logout", "Sign out?")
    alma.press("Sign out")
    look(page, "workshop-signed-out", "Bring it broken. Take it home working.")


def test_direct_visit_of_provider_pages_is_explained(visitor: Callable[..., Visitor], looks: Looks) -> None:
    page = visitor().page
    page.goto("/auth/oauth2/login/")
    looks.at(page, "oauth2-nothing-to-do", "This page cannot be opened directly")
    page.goto("/auth/oauth2/consent/?consent_challenge=made-up")
    looks.at(page, "oauth2-unknown", "This link no longer works")
    page.goto("/auth/oauth2/error/?error=invalid_client")
    looks.at(page, "oauth2-error", "Something went wrong")


def test_unreachable_provider_is_explained(
    open_window: Callable[..., BrowserContext], looks: Looks, tmp_path: Path
) -> None:
    here, nowhere = (f"http://localhost:{port}" for port in find_free_ports(2))
    oidc = {
        "OIDC_CLIENT_ID": "workshop",
        "OIDC_CLIENT_SECRET": "never sent",
        "OIDC_DISCOVERY_URL": f"{nowhere}/.well-known/openid-configuration",
    }
    served = build_client_site(here, oidc=oidc, folder=tmp_path)
    served.start()
    try:
        page = open_window(at=here).new_page()
        page.goto("/")
        page.get_by_role("button", name="Sign in with").click()
        looks.at(page, "workshop-unreachable", "Toolshelf is unavailable")
        assert "Traceback" not in served.read_log()
    finally:
        served.stop()
