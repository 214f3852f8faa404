"""The end of an account: a veto, the download of the data, and the deletion, with and without JavaScript."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .page_checker import PageChecker
from .visitor import Visitor


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_data_is_downloaded_and_account_deleted(
    member: Callable[..., Visitor], page_checker: PageChecker, javascript: bool
) -> None:
    alma = member(javascript=javascript)
    page = alma.page
    check = page_checker.check if javascript else page_checker.wait_for_heading
    alma.sign_in()
    page.goto("/tools/hand-plane/")
    page.get_by_role("button", name=re.compile("^Borrow until")).click()

    page.goto("/auth/settings/account/")
    check(page, "account-closing", "Your account")
    alma.follow("Download your data")
    check(page, "account-data", "Your account")
    with page.expect_download() as waiting:
        alma.press("Download file (JSON)")
    content = json.loads(Path(waiting.value.path()).read_text())
    assert content["account"]["traits"]["email"] == alma.email
    assert [loan["tool__name"] for loan in content["site"]["loans"]] == ["Hand plane No. 4"]

    page.goto("/auth/settings/account/delete/")
    expect(page.get_by_text("Return them first")).to_be_visible()
    check(page, "account-delete-denied", "Your account")
    page.goto("/loans/")
    alma.press("Return Hand plane No. 4")
    page.goto("/auth/settings/account/")
    alma.follow("Delete your account")
    check(page, "account-delete", "Your account")
    alma.press("Delete account")
    expect(alma.field("I want to delete my account")).to_have_accessible_description(
        re.compile("Check the box to confirm")
    )
    check(page, "account-delete-error", "Your account")
    alma.field("I want to delete my account").check()
    alma.press("Delete account")
    check(page, "account-deleted", "Your account has been deleted")
    page.goto("/")
    alma.expect_signed_out()
    alma.follow("Sign in")
    alma.fill_in_sign_in()
    expect(page.get_by_text("Incorrect email")).to_be_visible()
