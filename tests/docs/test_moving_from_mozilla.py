"""The sign-in after the move from mozilla-django-oidc, in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import StackAddresses
    from tests.e2e.visitor import Visitor

pytestmark = pytest.mark.page("docs/guides/moving-from-mozilla-django-oidc.md")


def test_user_of_the_former_sign_in_is_the_same_user(
    visitor: Callable[..., Visitor], page_stack: StackAddresses
) -> None:
    ada = visitor(javascript=False, stack=page_stack)
    ada.page.goto("/me/")
    ada.press("Sign in with Garden Club")
    expect(ada.page.get_by_text("User 1: ada@example.org")).to_be_visible()
