"""Two tabs, forms that are sent twice, codes that are late or used twice, and mails that do not arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from django_ory.clients import get_client
from tests.live.codes import enroll_authenticator_app, totp

from .conftest import Visitor, enroll, get_traits

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import StartStack

pytestmark = pytest.mark.live


def open_tab(visitor: Visitor) -> Visitor:
    """Another tab in the browser of a visitor."""
    tab = Visitor(visitor.stack, email=visitor.email, password=visitor.password)
    tab.browser.session = visitor.browser.session
    return tab


def test_sign_in_in_two_tabs_signs_in_once(member: Callable[[], Visitor]) -> None:
    ann = member()
    ann.page("login", "?next=/admin/login/")
    tab = open_tab(ann)
    tab.sign_in("?next=/admin/login/")
    ann.press("password", identifier=ann.email, password=ann.password)
    assert ann.is_signed_in()
    assert ann.browser.status < 500
    assert ann.browser.url.startswith(f"{ann.stack.site_url}/")
    assert ann.page("settings").status == 200


@pytest.mark.parametrize("kind", ["registration", "recovery"])
def test_form_of_a_tab_from_before_the_sign_in_is_explained(member: Callable[[], Visitor], kind: str) -> None:
    """Kratos changes its CSRF cookie at a sign-in, so forms of other tabs are invalid."""
    ann = member()
    ann.page(kind)
    open_tab(ann).sign_in()
    if kind == "recovery":
        ann.press("method", email=ann.email)
        assert ann.browser.status == 403
        assert ann.heading == "Cookies are required to sign in"
    else:
        ann.press("profile", **{"traits.email": f"new-{ann.email}"})
        assert ann.browser.url.startswith(f"{ann.stack.site_url}/")
    assert ann.browser.status < 500
    assert get_traits(f"new-{ann.email}") is None
    assert ann.page("settings").status == 200


def test_settings_in_two_tabs_are_both_saved(member: Callable[[], Visitor]) -> None:
    ann = member()
    ann.sign_in()
    ann.page("settings")
    tab = open_tab(ann)
    tab.page("settings_password")
    ann.press("profile", **{"traits.name.first": "Änn"})
    assert "Your changes have been saved." in ann.browser.text
    tab.press("password", password="another harbor at 6 am")
    assert "Your changes have been saved." in tab.browser.text
    assert (get_traits(ann.email) or {})["name"] == {"first": "Änn"}


def test_form_that_is_sent_twice_saves_once_more(member: Callable[[], Visitor]) -> None:
    """The back button shows the form of a flow that has ended."""
    ann = member()
    ann.sign_in()
    ann.page("settings")
    shown, url = ann.browser.text, ann.browser.url
    for name in ("Hannah", "Hanna"):
        ann.browser.text, ann.browser.url = shown, url
        ann.press("profile", **{"traits.name.first": name})
        assert "Your changes have been saved." in ann.browser.text
    assert (get_traits(ann.email) or {})["name"] == {"first": "Hanna"}


def test_late_and_used_codes_of_the_app_are_errors_of_the_field(member: Callable[[], Visitor]) -> None:
    ann = member()
    secret = enroll_authenticator_app(get_client(), ann.email, ann.password)
    ann.sign_in("?next=/admin/login/")
    assert ann.heading == "Two-factor authentication"
    ann.press("totp", totp_code=totp(secret, steps_ahead=-20))  # a phone that is ten minutes slow
    assert "Incorrect code. Enter the code that your authenticator app shows now." in ann.browser.text
    code = totp(secret)
    ann.press("totp", totp_code=code)
    assert ann.browser.url.endswith("/admin/login/")
    ann.sign_out()
    ann.sign_in()
    ann.press("totp", totp_code=code)
    # Kratos 1.3 accepts a code again while it is valid.
    signed_in = ann.browser.url == f"{ann.stack.site_url}/"
    assert signed_in or 'aria-invalid="true"' in ann.browser.text


def test_mail_that_does_not_arrive_can_be_requested_again(start_stack: StartStack) -> None:
    nowhere = {"smtp": {"connection_uri": "smtp://127.0.0.1:9/?disable_starttls=true"}}
    stack = start_stack({"courier": nowhere})
    eve = Visitor(stack)
    eve.page("registration")
    eve.press("profile", **{"traits.email": eve.email})
    eve.press("password", password=eve.password)
    assert eve.heading == "Check your email"
    (again,) = [link for link in eve.browser.links if "/verification/" in link]
    eve.browser.open(again)
    eve.press("method", email=eve.email)
    assert eve.heading == "Check your email"
    ann = enroll(Visitor(stack))
    ann.page("login")
    ann.press("code", identifier=ann.email)
    ann.press("resend")
    assert ann.heading == "Check your email"
    ann.sign_in()  # the password still works
    assert ann.is_signed_in()
