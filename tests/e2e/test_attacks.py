"""Attacks that only a browser can refuse: pages of the provider in a frame, and forms of another site."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route

    from .servers import ServedSite
    from .visitor import Visitor

#: Same-site with the provider, so the browser sends all cookies, but another origin. No server listens.
EVIL = "http://localhost:9"
PAGES = (
    *("/auth/oauth2/error/?error=x", "/auth/oauth2/login/", "/auth/oauth2/logout/", "/auth/oauth2/device/"),
    *("/auth/oauth2/device/done/",),
)


def open_evil_page(page: Page, html: str) -> None:
    """Open a page of the attacker with this body."""

    def answer(route: Route) -> None:
        route.fulfill(
            content_type="text/html; charset=utf-8", body=f"<!doctype html><title>Evil</title>{html}"
        )

    page.route(f"{EVIL}/*", answer)
    page.goto(f"{EVIL}/")


def open_consent(visitor: Visitor, workshop: ServedSite) -> str:
    """Sign in for a client, up to the question. Returns the URL of the page."""
    visitor.page.goto(workshop.url)
    visitor.press("Sign in with Toolshelf")
    visitor.fill_in_sign_in()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Allow Fix-it Friday?")
    return visitor.page.url


def test_pages_of_the_provider_are_not_shown_in_a_frame(
    member: Callable[..., Visitor], workshop: ServedSite, site: ServedSite
) -> None:
    alma = member()
    consent = open_consent(alma, workshop)
    page = alma.page.context.new_page()
    urls = [consent, *(f"{site.url}{path}" for path in PAGES)]
    framed = "".join(f'<iframe src="{url}"></iframe><object data="{url}"></object>' for url in urls)
    open_evil_page(page, f'{framed}<iframe sandbox="allow-scripts allow-forms" src="{consent}"></iframe>')
    page.wait_for_load_state("networkidle")
    frames = page.frames[1:]
    assert len(frames) >= len(urls)
    for frame in frames:
        assert frame.locator("form, h1.ory-heading").count() == 0, frame.url
    page.close()
    alma.press("Allow")  # the page itself works
    expect(alma.page.get_by_role("heading", level=1)).to_have_text(f"See you on Friday, {alma.first}.")


def test_form_of_another_site_grants_nothing(
    member: Callable[..., Visitor], workshop: ServedSite, site: ServedSite
) -> None:
    alma = member()
    consent = open_consent(alma, workshop)
    challenge = parse_qs(urlsplit(consent).query)["consent_challenge"][0]
    page = alma.page.context.new_page()
    for encoding in ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain"):
        open_evil_page(
            page,
            f'<form method="post" action="{site.url}/auth/oauth2/consent/" enctype="{encoding}">'
            f'<input name="consent_challenge" value="{challenge}"><input name="grant_scope" value="openid">'
            '<input name="csrfmiddlewaretoken" value="x"><button name="accept" value="1">Win</button></form>',
        )
        with page.expect_navigation():
            page.get_by_role("button", name="Win").click()
        assert page.url == f"{site.url}/auth/oauth2/consent/"
        assert "403" in page.title() or "403" in page.locator("body").inner_text()
