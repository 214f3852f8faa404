"""A user of the two sites of the guide, in a browser."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import StackAddresses
    from tests.e2e.visitor import Visitor
    from tests.support.guides import GuideRun

pytestmark = pytest.mark.page("docs/guides/single-logout.md")

SECONDS = 30


def test_sign_out_of_the_provider_signs_out_of_the_second_site(
    page_run: GuideRun, page_stack: StackAddresses, member: Callable[..., Visitor]
) -> None:
    alma = member(stack=page_stack, javascript=False)
    page, second_site = alma.page, f"http://localhost:{page_run.ports[8001]}/"
    heading = page.get_by_role("heading", level=1)
    page.goto(second_site)
    alma.press("Sign in")
    alma.fill_in_sign_in()
    expect(heading).to_have_text("Allow Reading circle?")
    alma.press("Allow")
    expect(heading).to_have_text(f"Welcome, {alma.first} {alma.last}")

    page.goto(page_stack.site_url)
    alma.sign_out()
    alma.expect_signed_out()
    deadline = time.monotonic() + SECONDS  # Hydra posts the logout token after its response
    page.goto(second_site)
    while heading.inner_text() != "Reading circle":
        assert time.monotonic() < deadline, heading.inner_text()
        page.wait_for_timeout(100)
        page.reload()
