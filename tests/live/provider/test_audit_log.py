"""The audit log of a sign-in, a refusal and a logout at the real servers, without secrets."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from .test_code_flow import allow
from .test_logout import get_session_cookie, sign_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import App, Person

pytestmark = pytest.mark.live


def test_each_decision_is_logged_without_secrets(
    alice: Person, app: Callable[..., App], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="django_ory.audit")
    photos, browser = app(), alice.browser
    challenges = []
    browser.open(photos.authorize())
    alice.sign_in().press("reject")
    challenges += [url.partition("_challenge=")[2][:60] for url in browser.path if "_challenge=" in url]
    browser.open(photos.authorize())
    challenges.append(browser.url.partition("_challenge=")[2][:60])
    tokens = photos.tokens(allow(browser))
    cookie = get_session_cookie(alice)
    sign_out(alice, photos, tokens["id_token"]).press("accept")

    lines = [each.getMessage() for each in caplog.records if each.name == "django_ory.audit"]
    names = ["login.accepted", "consent.denied", "login.accepted", "consent.granted", "logout.accepted"]
    assert [next((name for name in names if name in line), "") for line in lines] == names, lines
    assert all(alice.id in line for line in lines)
    secrets = [*challenges, cookie, photos.secret, *(str(tokens[name]) for name in tokens if "token" in name)]
    secrets = [secret for secret in secrets if len(secret) > 10]
    assert len(secrets) >= 6
    for secret in [*secrets, alice.email, "Liddell"]:
        assert secret not in caplog.text
