"""A user becomes staff, and manages identities and clients in the Django admin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import requests
from playwright.sync_api import expect

from .browser_fixtures import WAIT_MILLISECONDS
from .page_checker import DJANGO_ADMIN
from .visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser

    from django_ory.devstack import StackAddresses

    from .page_checker import PageChecker
    from .servers import ServedSite


@pytest.fixture(scope="module")
def staff(browser: Browser, ory_stack: StackAddresses, site: ServedSite) -> Visitor:
    """The account of a user with staff access by ``ory_make_staff``."""
    with browser.new_context(base_url=site.url, locale="en-US") as context:
        context.set_default_timeout(WAIT_MILLISECONDS)
        rosa = Visitor(context.new_page(), ory_stack)
        rosa.create_account()
        with pytest.raises(RuntimeError, match="has no user on this site yet"):
            site.manage("ory_make_staff", rosa.email, "--superuser")
        rosa.page.goto("/admin/")
        rosa.fill_in_sign_in()
        expect(rosa.page.get_by_role("heading", level=1)).to_contain_text("have access")
        site.manage("ory_make_staff", rosa.email, "--superuser")
        rosa.page.goto("/admin/")
        expect(rosa.page.get_by_role("heading", name="Site administration")).to_be_visible()
    return rosa


@pytest.fixture
def admin(visitor: Callable[..., Visitor], staff: Visitor) -> Visitor:
    """A visitor with staff access, on the first page of the admin."""
    rosa = visitor()
    rosa.email, rosa.password = staff.email, staff.password
    rosa.page.goto("/admin/")
    rosa.fill_in_sign_in()
    expect(rosa.page.get_by_role("heading", name="Site administration")).to_be_visible()
    return rosa


def test_user_without_staff_access_can_sign_out(
    member: Callable[..., Visitor], page_checker: PageChecker
) -> None:
    bob = member()
    bob.page.goto("/admin/")
    bob.fill_in_sign_in()
    page_checker.check(bob.page, "refused", "You don't have access to this page")
    bob.sign_out()
    bob.expect_signed_out()


def test_deactivated_user_is_signed_out_at_once(
    admin: Visitor, member: Callable[..., Visitor], page_checker: PageChecker
) -> None:
    bob = member()
    bob.sign_in()
    page = admin.page
    page_checker.check(page, "admin", "Site administration", ignored_rules=DJANGO_ADMIN)
    page.get_by_role("link", name="Identities", exact=True).click()
    admin.press("Sync now")
    expect(page.get_by_text("marked missing")).to_be_visible()
    page.get_by_role("textbox", name="Search").fill(bob.email)
    admin.press("Search")
    page_checker.check(page, "admin-identities", "Select identity to change", ignored_rules=DJANGO_ADMIN)
    admin.follow(bob.email)
    page_checker.check(page, "admin-identity", "Change identity", ignored_rules=DJANGO_ADMIN)
    admin.press("Deactivate and end sessions")
    expect(page.get_by_text("1 identity was deactivated")).to_be_visible()
    page_checker.check(page, "admin-identity-deactivated", "Change identity", ignored_rules=DJANGO_ADMIN)

    bob.page.goto("/loans/")
    expect(bob.page.get_by_role("heading", level=1)).to_contain_text("Sign in")
    bob.fill_in_sign_in()
    page_checker.check(bob.page, "login-turned-off", "This account has been disabled")
    bob.page.goto("/")
    bob.expect_signed_out()

    admin.press("Activate")
    expect(page.get_by_text("1 identity was activated")).to_be_visible()
    bob.sign_in()


def test_staff_help_a_user_with_password_and_recovery(
    admin: Visitor, member: Callable[..., Visitor], page_checker: PageChecker
) -> None:
    bob, page = member(), admin.page
    page.get_by_role("link", name="Identities", exact=True).click()
    page.get_by_role("textbox", name="Search").fill(bob.email)
    admin.press("Search")
    admin.press("Look up in Ory")
    expect(page.get_by_text("The identity was found in Ory")).to_be_visible()

    admin.follow("Credentials")
    page_checker.check(page, "admin-credentials", "Credentials", ignored_rules=DJANGO_ADMIN)
    admin.press("Set a password")
    for label in ("New password:", "New password confirmation:"):
        page.get_by_label(label).fill("a new harbor at 6 am")
    admin.press("Set password")
    expect(page.get_by_text("The password was set")).to_be_visible()
    bob.page.goto("/loans/")
    bob.fill_in_sign_in(password="a new harbor at 6 am")
    bob.expect_signed_in()
    bob.sign_out()

    admin.follow("Addresses")
    admin.press("Mark as not verified")
    expect(page.get_by_text("marked as not verified")).to_be_visible()

    admin.follow("Recovery")
    page_checker.check(page, "admin-recovery", "Recovery", ignored_rules=DJANGO_ADMIN)
    admin.press("Create and show once")
    link, code = (page.locator(f"#ory-recovery-{each}").inner_text() for each in ("link", "code"))
    bob.page.goto(link)
    bob.field("Code").fill(code)
    bob.press("Confirm code")
    expect(bob.page.get_by_role("heading", level=1)).to_contain_text("Your account")


def test_selected_identities_have_a_result_each(
    admin: Visitor, member: Callable[..., Visitor], ory_stack: StackAddresses, page_checker: PageChecker
) -> None:
    bob, eve = member(), member()
    page, kratos = admin.page, ory_stack.kratos_admin_url
    page.get_by_role("link", name="Identities", exact=True).click()
    admin.press("Sync now")
    expect(page.get_by_text("marked missing")).to_be_visible()
    query = {"credentials_identifier": eve.email}
    [identity] = requests.get(f"{kratos}/admin/identities", params=query, timeout=10).json()
    requests.delete(f"{kratos}/admin/identities/{identity['id']}", timeout=10).raise_for_status()
    page.goto("/admin/django_ory/identity/?all=")
    for visitor in (bob, eve):
        page.get_by_role("row", name=visitor.email).get_by_role("checkbox").check()
    page.locator("select[name=action]").select_option("deactivate")
    page.locator("button[name=index]").click()
    expect(page.get_by_role("listitem").filter(has_text=bob.email)).to_be_visible()
    page_checker.check(page, "admin-bulk-confirm", "Are you sure?", ignored_rules=DJANGO_ADMIN)
    admin.press("Yes, I\N{RIGHT SINGLE QUOTATION MARK}m sure")
    page_checker.check(page, "admin-bulk-results", "Results", ignored_rules=DJANGO_ADMIN)
    expect(page.get_by_role("row", name=bob.email).get_by_text("done", exact=True)).to_be_visible()
    expect(page.get_by_role("row", name=eve.email).get_by_text("failed", exact=True)).to_be_visible()
    answer = requests.get(
        f"{kratos}/admin/identities", params={"credentials_identifier": bob.email}, timeout=10
    )
    assert [each["state"] for each in answer.json()] == ["inactive"]


def test_new_client_works_with_the_secret_shown_once(
    admin: Visitor, ory_stack: StackAddresses, page_checker: PageChecker
) -> None:
    page = admin.page
    page.get_by_role("link", name="OAuth2 clients", exact=True).click()
    admin.follow("Add OAuth2 client")
    page.get_by_label("Name:").fill("Shed door")
    page.get_by_role("checkbox", name=re.compile("^authorization_code")).uncheck()
    page.get_by_role("checkbox", name=re.compile("^refresh_token")).uncheck()
    page.get_by_role("checkbox", name=re.compile("^client_credentials")).check()
    page.get_by_role("checkbox", name="code", exact=True).uncheck()
    page.get_by_label("Scopes:").fill("door:open")
    page_checker.check(page, "admin-client-add", "Add OAuth2 client", ignored_rules=DJANGO_ADMIN)
    admin.press("Save")
    page_checker.check(page, "admin-client-secret", "OAuth2 client created", ignored_rules=DJANGO_ADMIN)
    client_id, secret = (page.locator(each).inner_text() for each in ("#ory-client-id", "#ory-client-secret"))

    answer = requests.post(
        f"{ory_stack.hydra_public_url}/oauth2/token",
        auth=(client_id, secret),
        data={"grant_type": "client_credentials", "scope": "door:open"},
        timeout=10,
    )
    assert answer.status_code == 200
    assert answer.json()["access_token"]
    page.reload()
    expect(page.get_by_text(secret)).to_have_count(0)

    page.goto("/admin/django_ory/oauth2client/")
    page_checker.check(page, "admin-clients", "Select OAuth2 client to change", ignored_rules=DJANGO_ADMIN)
    admin.follow("Shed door")
    page_checker.check(page, "admin-client-change", "Change OAuth2 client", ignored_rules=DJANGO_ADMIN)
    expect(page.get_by_text(secret)).to_have_count(0)
    page.get_by_label("Name:").fill("Garden gate")
    admin.press("Save")
    expect(page.get_by_role("link", name="Garden gate").first).to_be_visible()
    page.goto(f"/admin/django_ory/oauth2client/?q={client_id}")
    admin.follow("Garden gate")
    expect(page.get_by_label("Metadata:")).to_be_hidden()  # in a group that is closed without an error
    page.get_by_text("Browser apps and metadata").click()
    page.get_by_label("Metadata:").fill("{oops")
    admin.press("Save")
    expect(page.get_by_text("This is not valid JSON")).to_be_visible()
    admin.follow("Token lifespans")
    page_checker.check(page, "admin-client-lifespans", "Token lifespans", ignored_rules=DJANGO_ADMIN)
    admin.follow("Revoke tokens")
    page_checker.check(page, "admin-client-revoke", "Revoke tokens", ignored_rules=DJANGO_ADMIN)
    admin.follow("How to connect")
    page_checker.check(page, "admin-client-connect", "How to connect", ignored_rules=DJANGO_ADMIN)
    expect(page.get_by_text(f"{ory_stack.hydra_public_url}/oauth2/token", exact=True)).to_be_visible()
    admin.follow("Secret")
    page.get_by_label("stops working at once").check()
    page_checker.check(page, "admin-client-replace-secret", "Secret", ignored_rules=DJANGO_ADMIN)
    admin.press("Replace the secret")
    page_checker.check(page, "admin-client-new-secret", "Secret replaced", ignored_rules=DJANGO_ADMIN)
    new_secret = page.locator("#ory-client-secret").inner_text()
    for each, status in ((new_secret, 200), (secret, 401)):
        answer = requests.post(
            f"{ory_stack.hydra_public_url}/oauth2/token",
            auth=(client_id, each),
            data={"grant_type": "client_credentials", "scope": "door:open"},
            timeout=10,
        )
        assert answer.status_code == status
    admin.press("Done")
    page.goto(page.url.partition("change/")[0] + "delete/")
    page_checker.check(page, "admin-client-delete", "Delete", ignored_rules=DJANGO_ADMIN)


def test_admin_logout_signs_out_of_the_site(admin: Visitor) -> None:
    admin.press("Log out")
    admin.expect_signed_out()
    admin.page.goto("/admin/")
    expect(admin.page.get_by_role("heading", level=1)).to_contain_text("Sign in")
