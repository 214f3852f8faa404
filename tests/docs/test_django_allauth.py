"""A user of the site with django-allauth of the guide, and of its provider, in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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

pytestmark = pytest.mark.page("docs/guides/django-allauth.md")


def test_django_allauth_signs_in_and_signs_out(
    page_run: GuideRun, page_stack: StackAddresses, member: Callable[..., Visitor]
) -> None:
    alma = member(stack=page_stack, javascript=False)
    page, url = alma.page, f"http://localhost:{page_run.ports[8003]}/"
    start(alma, url)
    alma.fill_in_sign_in()
    expect_heading(page, "Allow Choir?")
    alma.press("Deny")
    expect_heading(page, "Login Cancelled")
    start(alma, url)
    allow(alma, "Choir")
    expect_welcome(alma)

    page.context.clear_cookies(name="choir_session")
    start(alma, url)
    expect_welcome(alma)  # without any page

    sign_out_of_both(alma, page_run.folder)
    start(alma, url)
    expect_heading(page, "Sign in")
    alma.fill_in_sign_in()
    expect_welcome(alma)

    sign_out_of_the_provider_alone(alma, page_run.folder)
    page.goto(url)
    expect_heading(page, "Choir")
    check_logs(page_run.folder)
