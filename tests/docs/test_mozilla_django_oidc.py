"""A user of the site with mozilla-django-oidc of the guide, and of its provider, in a browser."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.client_sites import (
    allow,
    check_logs,
    expect_heading,
    expect_welcome,
    sign_out_of_both,
    sign_out_of_the_provider_alone,
    start,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_ory.devstack import StackAddresses
    from tests.e2e.visitor import Visitor
    from tests.support.guides import GuideRun

pytestmark = pytest.mark.page("docs/guides/mozilla-django-oidc.md")

#: Seconds after which the site asks the provider again, without a page: see ``PAGES``.
RENEWAL = 3


def test_mozilla_django_oidc_signs_in_renews_and_ends_with_the_provider(
    page_run: GuideRun, page_stack: StackAddresses, member: Callable[..., Visitor]
) -> None:
    alma = member(stack=page_stack, javascript=False)
    page, url = alma.page, f"http://localhost:{page_run.ports[8002]}/"
    start(alma, url)
    alma.fill_in_sign_in()
    expect_heading(page, "Allow Garden?")
    alma.press("Deny")
    expect(page.get_by_role("alert")).to_have_text("You are not signed in.")
    start(alma, url)
    alma.field("See your email address").uncheck()
    alma.press("Allow")
    expect_heading(page, f"Welcome, {alma.first} {alma.last}")
    expect(page.get_by_text(alma.email)).to_have_count(0)
    page.context.clear_cookies(name="garden_session")
    start(alma, url)
    alma.field("See your email address").check()
    allow(alma, "Garden")
    expect_welcome(alma)

    time.sleep(RENEWAL)
    with page.expect_request(re.compile("prompt=none")):
        page.goto(url)
    expect_welcome(alma)

    sign_out_of_both(alma, page_run.folder)
    expect_heading(page, "Garden")
    start(alma, url)
    alma.fill_in_sign_in()
    expect_welcome(alma)

    sign_out_of_the_provider_alone(alma, page_run.folder)
    page.goto(url)
    expect_heading(page, "Garden")
    check_logs(page_run.folder)
