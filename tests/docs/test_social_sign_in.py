"""The provider of the guide of social sign-in, in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from django_ory.client import OryClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import StackAddresses
    from tests.e2e.visitor import Visitor

pytestmark = pytest.mark.page("docs/guides/social-sign-in.md")


def test_provider_signs_the_user_up_and_in_without_a_mail(
    visitor: Callable[..., Visitor], page_stack: StackAddresses
) -> None:
    for _ in ("sign-up", "sign-in"):
        page = (ada := visitor(javascript=False, stack=page_stack)).page
        page.goto("/auth/login/?next=/me/")
        ada.press("Sign in with Garden Club")
        expect(page.get_by_text("Signed in as ada@example.org")).to_be_visible()
    with OryClient(kratos_admin_url=page_stack.kratos_admin_url, timeout=10.0) as kratos:
        [identity] = kratos.list_identities(credentials_identifier="ada@example.org")
    assert [address.verified for address in identity.verifiable_addresses or ()] == [True]
    assert page_stack.mails == []
