"""The HTML of the mails in a browser: fits a phone, and has no problem that axe-core finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from django_ory.courier.previews import build_sample
from django_ory.courier.rendering import build_mail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from .page_checker import PageChecker

#: Mail programs show mails inside of pages with landmarks of their own.
NO_PAGE = frozenset({"landmark-one-main", "region"})


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(offline=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("template_type", "heading"),
    [
        ("verification_code_valid", "Confirm your email address"),
        ("recovery_invalid", "No account with this email address"),
        ("account_locked", "Subject of Kratos"),
    ],
)
def test_mail_fits_phones_in_both_schemes(
    page: Page, page_checker: PageChecker, settings: Any, template_type: str, heading: str
) -> None:
    name = "Volkshochschule Mönchengladbach-Rheydt e. V."
    settings.ORY = {"default": {**settings.ORY["default"], "SITE_NAME": name}}
    mail = build_mail(build_sample(template_type, alias="default", language="en"))
    page.set_content(str(mail.alternatives[0][0]))
    page_checker.check(page, f"mail-{template_type}", heading, ignored_rules=NO_PAGE)
