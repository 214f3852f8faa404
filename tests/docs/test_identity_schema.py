"""The sign-up with the schema of the guide, in its second version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import StackAddresses
    from tests.e2e.visitor import Visitor

pytestmark = pytest.mark.page("docs/guides/identity-schema.md")


def test_sign_up_asks_for_the_traits_of_the_schema(
    visitor: Callable[..., Visitor], page_stack: StackAddresses
) -> None:
    alma = visitor(javascript=False, stack=page_stack)
    page = alma.page
    page.goto("/auth/registration/")
    alma.field("Email address").fill(alma.email)
    alma.field("First name").fill("Alma")
    page.get_by_label("alto").check()
    expect(page.get_by_label("Wednesday")).to_be_visible()
    expect(page.get_by_text("When you can come to rehearsals")).to_be_visible()
