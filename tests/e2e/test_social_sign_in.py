"""Sign-in through an OpenID provider: a real Hydra is the provider of Kratos. Without JavaScript."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from django_ory.client import OryClient

from .upstream import PROVIDER_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import OryStack

    from .page_checker import PageChecker
    from .upstream import UpstreamProvider
    from .visitor import Visitor

Upstream = tuple["OryStack", "UpstreamProvider"]
SIGN_IN = f"Sign in with {PROVIDER_NAME}"
SIGN_UP = f"Sign up with {PROVIDER_NAME}"


@pytest.fixture
def stack(upstream: Upstream) -> OryStack:
    return upstream[0]


@pytest.fixture
def provider(upstream: Upstream) -> UpstreamProvider:
    """The provider, with a new user without an email address."""
    provider = upstream[1]
    provider.claims = {"sub": secrets.token_hex(8), "given_name": "Alma"}
    provider.refuses = False
    return provider


def get_traits(stack: OryStack, email: str) -> Any:
    with OryClient(kratos_admin_url=stack.kratos_admin_url, timeout=10.0) as client:
        (identity,) = client.admin_list_identities(credentials_identifier=email)
    return identity.traits


def test_provider_creates_the_account_and_signs_in(
    visitor: Callable[..., Visitor], stack: OryStack, provider: UpstreamProvider
) -> None:
    alma = visitor(javascript=False, stack=stack)
    page = alma.page
    provider.claims["email"] = alma.email
    page.goto("/auth/registration/?next=/loans/")
    alma.press(SIGN_UP)
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")
    page.goto("/loans/")
    alma.expect_signed_in()
    assert get_traits(stack, alma.email) == {"email": alma.email, "name": {"first": "Alma"}}
    alma.sign_out()

    page.goto("/auth/login/?next=/loans/")
    alma.press(SIGN_IN)
    expect(page).to_have_url(re.compile("/loans/$"))
    alma.expect_signed_in()


def test_provider_without_an_email_address_asks_for_the_address(
    visitor: Callable[..., Visitor], stack: OryStack, provider: UpstreamProvider, page_checker: PageChecker
) -> None:
    alma = visitor(javascript=False, stack=stack)
    page = alma.page
    page.goto("/auth/login/?next=/loans/")
    alma.press(SIGN_IN)  # the account does not exist, so Kratos continues with a sign-up
    page_checker.wait_for_heading(page, "registration-provider", "Create your account")
    alma.field("Email address").fill(alma.email)
    alma.press("Continue")
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")
    page.goto("/loans/")
    alma.expect_signed_in()
    assert get_traits(stack, alma.email)["email"] == alma.email


def test_refusal_at_the_provider_is_explained_and_can_be_retried(
    visitor: Callable[..., Visitor], stack: OryStack, provider: UpstreamProvider
) -> None:
    alma = visitor(javascript=False, stack=stack)
    page = alma.page
    provider.claims["email"] = alma.email
    provider.refuses = True
    page.goto("/auth/login/")
    with page.expect_navigation():
        alma.press(SIGN_IN)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.url.startswith(f"{stack.site_url}/auth/")
    expect(page.get_by_text("The user canceled")).to_have_count(0)
    page.goto("/loans/")
    provider.refuses = False
    alma.press(SIGN_IN)
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")


def test_address_of_an_account_is_linked_after_its_password_only(
    member: Callable[..., Visitor],
    visitor: Callable[..., Visitor],
    stack: OryStack,
    provider: UpstreamProvider,
    page_checker: PageChecker,
) -> None:
    alma = member(javascript=False, stack=stack)
    page = alma.page
    provider.claims["email"] = alma.email

    # Another person with the address at the provider gets no access.
    eve = visitor(javascript=False, stack=stack)
    eve.page.goto("/auth/login/?next=/loans/")
    eve.press(SIGN_IN)
    page_checker.wait_for_heading(eve.page, "login-linking", "Sign in to link your accounts")
    eve.page.goto("/loans/")
    expect(eve.page.get_by_role("heading", level=1)).to_have_text(re.compile("^Sign in"))

    page.goto("/auth/login/?next=/loans/")
    alma.press(SIGN_IN)
    page_checker.wait_for_heading(page, "login-linking", "Sign in to link your accounts")
    expect(page.get_by_text(alma.email).first).to_be_visible()
    alma.field("Password").fill(alma.password)
    alma.press("Sign in")
    alma.expect_signed_in()
    page.goto("/")
    alma.sign_out()
    page.goto("/auth/login/?next=/loans/")
    alma.press(SIGN_IN)
    expect(page).to_have_url(re.compile("/loans/$"))
    alma.expect_signed_in()


def test_provider_is_linked_and_unlinked_in_the_settings(
    member: Callable[..., Visitor], stack: OryStack, provider: UpstreamProvider
) -> None:
    alma = member(javascript=False, stack=stack)
    page = alma.page
    alma.sign_in()
    page.goto("/auth/settings/linked/")
    alma.press(f"Link {PROVIDER_NAME}")
    alma.remove(f"Unlink {PROVIDER_NAME}")
    expect(page.get_by_role("button", name=f"Link {PROVIDER_NAME}", exact=True)).to_be_visible()
