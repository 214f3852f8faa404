"""What a stranger's browser can see of Kratos' configuration, compared with the project.

The flows that it starts are like those of any client; nothing else is created, changed or deleted.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from django.urls import reverse

from django_ory.checks.rules import setting_line
from django_ory.client import OryClient, OryError
from django_ory.client.services import KRATOS_PUBLIC

from .result import Result, attempt, failed, is_here, origin, page_result

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django_ory.conf import OrySettings

__all__ = ["ProbeClient", "compare_kratos"]

#: Kratos' flows whose page a stranger can open.
PAGES = ("login", "registration", "recovery", "verification")
FORBIDDEN = "https://django-ory-check.invalid/"
NO_SITE = "to know this site's address, and none of Kratos' pages is here"
UI_URL = "selfservice.flows.{}.ui_url"


class ProbeClient(OryClient):
    """A client that asks Kratos as a browser does, to see where it would be sent."""

    def start(self, flow: str, *, return_to: str | None = None) -> str:
        """Where Kratos sends a browser that starts a flow."""
        query = f"?{urlencode({'return_to': return_to})}" if return_to else ""
        return self._send(
            f"GET /self-service/{flow}/browser{query}",
            KRATOS_PUBLIC,
            str,
            headers={"Accept": "text/html"},
            redirect=True,
        )


def compare_kratos(client: ProbeClient, settings: OrySettings) -> Iterator[Result]:
    """Pages, return addresses, the address for browsers, cookies; and what is not shown to strangers."""
    alias = settings.alias
    pages = {flow: attempt(partial(client.start, flow)) for flow in PAGES}
    error_page = attempt(partial(client.start, "login", return_to=FORBIDDEN))
    for flow, where in pages.items():
        what = f"{flow} page"
        if _same_page(where, error_page):
            yield Result(alias=alias, what=what, ok=None, detail="is switched off in Kratos")
        else:
            yield page_result(alias, what, where, name=f"ory:{flow}", key=UI_URL.format(flow))
    yield page_result(alias, "error page", error_page, name="ory:error", key=UI_URL.format("error"))
    known = [where for where in pages.values() if isinstance(where, str) and is_here(where)]
    site = origin(known[0]) if known else ""
    yield from _return_addresses(client, alias, site, error_page)
    yield from _browser_side(client, settings, site)
    yield from _only_for_members(settings, site)


def _return_addresses(
    client: ProbeClient, alias: str, site: str, error_page: str | OryError
) -> Iterator[Result]:
    for what, path in (
        ("return to this site", "/"),
        ("return to the settings page", reverse("ory:settings")),
    ):
        where = attempt(partial(client.start, "login", return_to=site + path)) if site else ""
        if error := next((each for each in (where, error_page) if isinstance(each, OryError)), None):
            yield failed(alias, what, error)
        elif not site:
            yield Result(alias=alias, what=what, ok=None, detail=f"needs {NO_SITE}")
        else:
            accepted = not _same_page(where, error_page)
            yield Result(
                alias=alias,
                what=what,
                ok=accepted,
                detail=f"{site}{path} is {'' if accepted else 'not '}allowed",
                hint="" if accepted else f"selfservice.allowed_return_urls: [{site}/]",
            )


def _browser_side(client: ProbeClient, settings: OrySettings, site: str) -> Iterator[Result]:
    alias = settings.alias
    info = attempt(client.with_http_info.initialize_self_service_login_flow_for_browsers)
    if isinstance(info, OryError):
        for what in ("address for browsers", "cookies"):
            yield failed(alias, what, info)
        return
    ours, theirs = origin(settings.kratos_browser_url), origin(info.data.ui.action)
    yield Result(
        alias=alias,
        what="address for browsers",
        ok=ours == theirs,
        detail=f"forms are posted to {theirs}"
        + ("" if ours == theirs else f", KRATOS_BROWSER_URL is {ours}"),
        hint="" if ours == theirs else setting_line(alias, "KRATOS_BROWSER_URL", f'"{theirs}"'),
    )
    if not (site and info.set_cookies):
        missing = NO_SITE if info.set_cookies else "one, and Kratos set none"
        yield Result(alias=alias, what="cookies", ok=None, detail=f"need {missing}")
        return
    yield from _cookies(alias, info.set_cookies, site=site, kratos=theirs)


def _cookies(alias: str, lines: Sequence[str], *, site: str, kratos: str) -> Iterator[Result]:
    host = urlsplit(site).hostname or ""
    for line in lines:
        attributes = {
            name.lower(): value
            for name, _, value in (part.strip().partition("=") for part in line.split(";"))
        }
        domain = attributes.get("domain", "").lstrip(".") or (urlsplit(kratos).hostname or "")
        shared = host == domain or host.endswith(f".{domain}")
        yield Result(
            alias=alias,
            what="cookies",
            ok=shared,
            detail=f"Kratos' cookies are for {domain}" + ("" if shared else f", this site is {host}"),
            hint="" if shared else f"cookies.domain: {'.'.join(host.split('.')[-2:])}",
        )
        if "secure" in attributes and site.startswith("http:") and host not in ("localhost", "127.0.0.1"):
            yield Result(
                alias=alias,
                what="secure cookies",
                ok=False,
                detail=f"Kratos' cookies are for https only, and {site} is http",
                hint="Serve the site over https, or start Kratos with --dev.",
            )


def _only_for_members(settings: OrySettings, site: str) -> Iterator[Result]:
    """What Kratos tells nobody before they have signed in: with what it must be."""
    yield Result(
        alias=settings.alias,
        what="settings page",
        ok=None,
        detail="is only told to people who are signed in",
        hint=f"{UI_URL.format('settings')}: {site or '<this site>'}{reverse('ory:settings')}",
    )
    if settings.sdk_url and not settings.session_cookie_name:
        return  # Ory Network's names are all known
    name = settings.session_cookie_name or "ory_kratos_session"
    yield Result(
        alias=settings.alias,
        what="name of the session cookie",
        ok=None,
        detail="is only told to people who are signed in; with another one than this nobody ever is",
        hint=f"session.cookie.name: {name}",
    )


def _same_page(one: str | OryError, other: str | OryError) -> bool:
    if isinstance(one, OryError) or isinstance(other, OryError):
        return False
    return urlsplit(one)[:3] == urlsplit(other)[:3]
