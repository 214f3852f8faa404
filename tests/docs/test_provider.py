"""The authorization request that the guide builds, opened in a browser by a new user."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import expect

from django_ory.client import OryClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import StackAddresses
    from tests.e2e.visitor import Visitor

pytestmark = pytest.mark.page("docs/guides/provider.md")


def test_new_user_returns_to_the_client_with_a_code(
    page_stack: StackAddresses, visitor: Callable[..., Visitor]
) -> None:
    back = f"{page_stack.site_url}/"
    with OryClient(hydra_admin_url=page_stack.hydra_admin_url, timeout=10.0) as hydra:
        body = {"client_name": "Try-out", "redirect_uris": [back], "scope": "openid email"}
        client = hydra.create_o_auth2_client(body=body)
    query = {
        "client_id": client.client_id,
        "response_type": "code",
        "scope": "openid email",
        "redirect_uri": back,
        "state": "a-random-text",
    }
    alma = visitor(stack=page_stack, javascript=False)
    alma.page.goto(f"{page_stack.hydra_public_url}/oauth2/auth?{urlencode(query)}")
    alma.follow("Create an account")
    alma.fill_in_registration()
    alma.confirm()
    alma.follow("Continue")
    expect(alma.page.get_by_role("heading", level=1)).to_have_text("Allow Try-out?")
    alma.press("Allow")
    expect(alma.page.get_by_role("heading", level=1)).to_have_text("Club")
    returned = parse_qs(urlsplit(alma.page.url).query)
    assert returned["code"]
    assert returned["state"] == ["a-random-text"]
    expect(alma.page.get_by_text(alma.email)).to_be_visible()
