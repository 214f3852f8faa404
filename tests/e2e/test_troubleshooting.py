"""The entry of the page "Troubleshooting" with a message of the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.troubleshooting.page import expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from django_ory.devstack import OryStack

APP = "http://app.localhost:9999/"
FETCH = "url => fetch(url, {credentials: 'include'}).catch(error => String(error))"


def test_script_of_another_origin_is_blocked(browser: Browser, ory_stack: OryStack) -> None:
    page = browser.new_page()
    page.route(APP, lambda route: route.fulfill(content_type="text/html", body="<title>An app</title>"))
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.goto(APP)
    page.evaluate(FETCH, f"{ory_stack.kratos_public_url}/sessions/whoami")
    page.close()
    expect("cors", " ".join(messages))
