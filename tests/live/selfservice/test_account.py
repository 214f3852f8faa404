"""The account area on a real Kratos: a flow keeps its section, and sessions are listed and ended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .conftest import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable


def get_section(visitor: Visitor) -> str:
    """Return the label of the current section."""
    found = re.search(r'aria-current="page">([^<]+)<', visitor.browser.text)
    assert found, visitor.browser.text[:2000]
    return found[1]


def test_section_survives_every_answer_of_kratos(member: Callable[[], Visitor]) -> None:
    ann = member()
    ann.sign_in()
    ann.page("settings_password", "?next=/admin/login/")
    assert get_section(ann) == "Password"
    ann.press("password", password="short")
    assert get_section(ann) == "Password"
    assert 'aria-invalid="true"' in ann.browser.text
    ann.press("password", password=f"first {ann.password}")
    assert get_section(ann) == "Password"
    assert "Your changes have been saved." in ann.browser.text
    used = ann.browser.query["flow"]
    ann.press("password", password=f"second {ann.password}")
    assert ann.browser.query["flow"] != used  # Kratos replaces a flow that has ended
    assert get_section(ann) == "Password"
    assert f"{ann.stack.site_url}/admin/login/" in ann.browser.links
    ann.page("settings_two_factor")
    assert get_section(ann) == "Two-factor authentication"
    ann.press("lookup_secret_regenerate")
    assert get_section(ann) == "Two-factor authentication"
    ann.press("lookup_secret_confirm")
    assert get_section(ann) == "Two-factor authentication"
    assert "On</p>" in ann.browser.text
    ann.page("settings")
    assert get_section(ann) == "Profile"


def test_sessions_are_listed_and_ended(member: Callable[[], Visitor]) -> None:
    ann = member()
    devices = [Visitor(ann.stack, email=ann.email) for _ in range(3)]
    for device in devices:
        device.browser.session.headers["User-Agent"] = "Mozilla/5.0 (Windows NT 10.0; rv:143.0) Firefox/143.0"
        device.sign_in()
    ann.sign_in("?next=/auth/settings/sessions/")
    assert get_section(ann) == "Sessions"
    assert ann.browser.text.count("Firefox on Windows") == 3 * 2  # in the title and the name of the button
    ends = [value for form in ann.browser.forms for name, value in form.buttons if name == "end"]
    assert len(ends) == 3
    ann.press(ends[0])
    assert "The device is signed out." in ann.browser.text
    signed_in = [device for device in devices if device.page("account").text.count("Your account")]
    assert len(signed_in) == 2
    ann.page("sessions")
    ann.press("end_others")
    assert "All other devices are signed out." in ann.browser.text
    assert "You are not signed in on any other device." in ann.browser.text
    for device in devices:
        device.page("account")
        assert device.heading.startswith("Sign in to")
