"""Passkeys in the browser's autocomplete list of an identifier-first sign-in page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from .authenticators import PASSKEY, add_authenticator

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Dialog

    from django_ory.devstack import OryStack

    from .page_checker import PageChecker
    from .servers import ServedSite
    from .visitor import Visitor

#: Refuses as after "Cancel" in the dialog of the browser. A virtual authenticator has no dialog.
REFUSE_NEW_KEYS = (
    "CredentialsContainer.prototype.create = () => Promise.reject(new DOMException('', 'NotAllowedError'));"
)


def test_passkey_is_offered_with_the_identifier(
    member: Callable[..., Visitor],
    ory_stack_factory: Callable[..., OryStack],
    toolshelf: Callable[[OryStack], ServedSite],
    page_checker: PageChecker,
) -> None:
    selfservice = {
        "flows": {"login": {"style": "identifier_first"}},
        "methods": {"passkey": {"enabled": True}, "webauthn": {"enabled": True}},
    }
    stack = ory_stack_factory(config_overrides={"kratos": {"selfservice": selfservice}})
    toolshelf(stack)
    alma = member(stack=stack)
    page = alma.page
    dialogs: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)

    # With a password, in two steps.
    page.goto("/auth/login/?next=/profile/")
    page_checker.check(page, "login-identifier-first", "Sign in to Toolshelf")
    alma.field("Email address").fill(alma.email)
    alma.press("Continue")
    page_checker.check(page, "login-identifier-second", "Sign in to Toolshelf")
    alma.field("Password").fill(alma.password)
    alma.press("Sign in")
    expect(page.get_by_role("heading", name="Alma Öberg")).to_be_visible()

    set_user_verified = add_authenticator(page, PASSKEY)

    # A security key that the browser refuses: Kratos' script would open an alert.
    other = page.context.new_page()
    other.on("dialog", dismiss)
    other.add_init_script(REFUSE_NEW_KEYS)
    other.goto("/auth/settings/two-factor/")
    other.get_by_role("button", name="Add security key").click()  # without a name: nothing happens
    expect(other.get_by_role("alert")).to_have_count(0)
    other.get_by_label("Name of the security key").fill("Blue key")
    other.get_by_role("button", name="Add security key").click()
    expect(other.get_by_role("alert")).to_contain_text("was not used")
    expect(other.get_by_role("button", name="Add security key")).not_to_have_attribute("aria-busy", "true")
    page_checker.check(other, "settings-refused-key", "Your account")
    other.close()

    # A passkey of an authenticator that does not recognize the user at first.
    page.goto("/auth/settings/passkeys/")
    set_user_verified(False)
    alma.press("Add passkey")
    expect(page.get_by_role("alert")).to_contain_text("was not used")
    set_user_verified(True)
    alma.press("Add passkey")
    expect(page.get_by_role("status")).to_contain_text("Your changes have been saved.")
    page_checker.check(page, "settings-passkey", "Your account")
    page.goto("/")
    alma.sign_out()

    # The autocomplete list needs no button; the virtual authenticator uses the first entry.
    page.goto("/auth/login/?next=/profile/")
    expect(page.get_by_role("heading", name="Alma Öberg")).to_be_visible()
    assert dialogs == []
