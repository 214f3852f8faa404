"""Lists, groups and choices of an identity schema, in a sign-up and in the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from django_ory.client import OryClient
from django_ory.devstack import OryStack
from tests.support.identity_schemas import build_identity_schema, build_schemas_config

from .page_checker import DJANGO_ADMIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .page_checker import PageChecker
    from .servers import ServedSite
    from .visitor import Visitor

STREET: dict[str, Any] = {
    "street": {"type": "string", "title": "Street"},
    "zip": {"type": "string", "title": "ZIP"},
}
TRAITS: dict[str, Any] = {
    "email": {
        "type": "string",
        "format": "email",
        "title": "Email address",
        "ory.sh/kratos": {
            "credentials": {"password": {"identifier": True}},
            "verification": {"via": "email"},
            "recovery": {"via": "email"},
        },
    },
    "plan": {"type": "string", "title": "Plan", "enum": ["free", "pro"]},
    "member_since": {"type": "string", "format": "date-time", "title": "Member since"},
    "skills": {"type": "array", "title": "Skills", "items": {"type": "string", "minLength": 3}},
    "tools": {"type": "array", "title": "Tools", "items": {"type": "string", "enum": ["saw", "plane"]}},
    "homes": {"type": "array", "title": "Homes", "items": {"type": "object", "properties": STREET}},
    "office": {"type": "object", "title": "Office", "properties": STREET},
}


@pytest.fixture(scope="module")
def workshop_with_site(toolshelf: Callable[..., ServedSite]) -> Iterator[tuple[OryStack, ServedSite]]:
    """A stack with these traits, and a site for it that caches sessions."""
    config = build_schemas_config(person=build_identity_schema(TRAITS, required=["email"]))
    with OryStack(config_overrides={"kratos": config}) as stack:
        yield stack, toolshelf(stack, TOOLSHELF_CACHE="on")


@pytest.fixture(scope="module")
def workshop(workshop_with_site: tuple[OryStack, ServedSite]) -> OryStack:
    return workshop_with_site[0]


def get_traits(stack: OryStack, email: str) -> dict[str, Any]:
    with OryClient(kratos_admin_url=stack.kratos_admin_url, timeout=10.0) as client:
        (identity,) = client.admin_list_identities(credentials_identifier=email)
    return dict(identity.traits)


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_rows_of_lists_are_added_and_removed(
    visitor: Callable[..., Visitor], workshop: OryStack, page_checker: PageChecker, javascript: bool
) -> None:
    alma = visitor(javascript=javascript, stack=workshop)
    page = alma.page
    check = page_checker.check if javascript else page_checker.wait_for_heading

    page.goto("/auth/registration/")
    check(page, "traits-registration", "Create your account")
    alma.field("Email address").fill(alma.email)
    alma.field("Skills").fill("sawing")
    alma.press("Skills: Add another")
    expect(alma.field("Skills, 1")).to_have_value("sawing")
    alma.field("Skills, 2").fill("gluing")
    page.get_by_label("saw", exact=True).check()
    page.get_by_role("group", name="Plan (optional)").get_by_label("pro", exact=True).check()
    alma.field("Skills, 2").press("Enter")  # continues, and removes no row
    check(page, "traits-registration-second", "Choose how to sign in")
    alma.choose_password()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Choose how to sign in")
    expected = {"email": alma.email, "plan": "pro", "skills": ["sawing", "gluing"], "tools": ["saw"]}
    assert get_traits(workshop, alma.email) == {**expected, "homes": [], "office": {}}

    page.goto("/auth/settings/")
    profile = page.get_by_role("region", name="Profile")
    profile.get_by_role("button", name="Remove Skills, 1").click()
    expect(alma.field("Skills")).to_have_value("gluing")
    profile.get_by_role("group", name="Homes").get_by_label("Street").fill("Elm")
    alma.press("Homes: Add another")
    profile.get_by_role("group", name="Homes").get_by_label("Street").nth(1).fill("Oak")
    alma.field("Skills").fill("xx")
    alma.press("Save", within="Profile")
    check(page, "traits-settings-error", "Your account")
    expect(profile.get_by_role("group", name="Homes").get_by_label("Street")).to_have_count(2)
    alma.field("Skills").fill("planing")
    alma.press("Save", within="Profile")
    expect(page.get_by_text("Your changes have been saved")).to_be_visible()
    check(page, "traits-settings", "Your account")
    saved = {**expected, "skills": ["planing"], "homes": [{"street": "Elm"}, {"street": "Oak"}], "office": {}}
    assert get_traits(workshop, alma.email) == saved


def test_staff_create_and_change_an_identity_with_lists_choices_and_groups(
    member: Callable[..., Visitor],
    visitor: Callable[..., Visitor],
    workshop_with_site: tuple[OryStack, ServedSite],
    page_checker: PageChecker,
) -> None:
    workshop, site = workshop_with_site
    rosa, alma = member(stack=workshop), visitor(stack=workshop)
    rosa.sign_in()
    site.manage("ory_make_staff", rosa.email, "--superuser")
    page = rosa.page
    page.goto("/admin/django_ory/identity/add/")
    page.get_by_label("Email address:").fill(alma.email)
    page.get_by_label("Plan:").select_option("pro")
    page.get_by_role("group", name="Skills").get_by_role("textbox").fill("sawing")
    rosa.press("Skills: Add another")
    page.get_by_role("group", name="Skills").get_by_role("textbox").nth(1).fill("xx")
    page.get_by_label("saw", exact=True).check()
    page.get_by_role("group", name="Office").get_by_label("Street:").fill("Elm")
    rosa.press("Save")
    page_checker.check(page, "admin-identity-add-error", "Add identity", ignored_rules=DJANGO_ADMIN)
    page.get_by_role("group", name="Skills").get_by_role("textbox").nth(1).fill("gluing")
    rosa.press("Save")
    expect(page.get_by_text("was added successfully")).to_be_visible()
    made = {"email": alma.email, "plan": "pro", "skills": ["sawing", "gluing"], "tools": ["saw"]}
    assert get_traits(workshop, alma.email) == {**made, "office": {"street": "Elm"}}

    rosa.follow(alma.email)
    page_checker.check(page, "admin-identity-change", "Change identity", ignored_rules=DJANGO_ADMIN)
    rosa.press("Remove Skills, 1")
    page.get_by_label("Plan:").select_option("free")
    page.get_by_role("group", name="Homes").get_by_label("ZIP:").fill("12345")
    rosa.press("Save and continue editing")
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    changed = {**made, "plan": "free", "skills": ["gluing"], "homes": [{"zip": "12345"}]}
    assert get_traits(workshop, alma.email) == {**changed, "office": {"street": "Elm"}}


def test_deactivated_user_is_signed_out_with_the_next_request_despite_the_cache(
    member: Callable[..., Visitor], workshop_with_site: tuple[OryStack, ServedSite]
) -> None:
    workshop, site = workshop_with_site
    rosa, bob = member(stack=workshop), member(stack=workshop)
    for each in (rosa, bob):
        each.sign_in()
    site.manage("ory_make_staff", rosa.email, "--superuser")
    bob.page.goto("/loans/")
    bob.expect_signed_in()
    rosa.page.goto(f"/admin/django_ory/identity/?q={bob.email}")
    rosa.follow(bob.email)
    rosa.press("Deactivate and end sessions")
    expect(rosa.page.get_by_text("1 identity was deactivated")).to_be_visible()
    bob.page.goto("/loans/")
    expect(bob.page.get_by_role("heading", level=1)).to_contain_text("Sign in")
