"""Compares the configuration of Kratos, as far as an anonymous browser sees it, with the project.

The check starts flows as a browser does. Nothing else is created, changed or deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from urllib.parse import urlencode, urlsplit

from django.urls import reverse

from django_ory.checks.rules import setting_line
from django_ory.client import OryAPIError, OryClient, OryError
from django_ory.client.services import KRATOS_PUBLIC
from django_ory.client.transport import Call
from django_ory.conf import OrySettings

from .result import Result, attempt, compare_page, get_origin, is_here, not_compared

#: Flows with a page for anonymous users.
ANONYMOUS_FLOWS = ("login", "registration", "recovery", "verification")
FORBIDDEN_URL = "https://django-ory-check.invalid/"
UI_URL = "selfservice.flows.{}.ui_url"
NO_SITE = "needs the URL of this site, and no page of Kratos is on this site"


class ProbeClient(OryClient):
    """A client that starts flows like a browser, to see the redirect."""

    def start_flow(self, flow: str, *, return_to: str | None = None) -> str:
        """Return the URL to which Kratos redirects a browser that starts a flow."""
        query = f"?{urlencode({'return_to': return_to})}" if return_to else ""
        path, headers = f"/self-service/{flow}/browser", {"Accept": "text/html"}
        call = Call(
            *(f"GET {path}", KRATOS_PUBLIC, "GET", path + query, headers, None),
            allow_redirect=True,
            allow_repeat=True,
        )
        return self._send(call, str)


def compare_kratos(client: ProbeClient, settings: OrySettings) -> Iterator[Result]:
    """Yield results for the pages, return addresses, the browser URL and the cookies."""
    urls = {flow: attempt(partial(client.start_flow, flow)) for flow in ANONYMOUS_FLOWS}
    error_url = attempt(partial(client.start_flow, "login", return_to=FORBIDDEN_URL))
    for flow, url in urls.items():
        if _is_same_page(url, error_url):
            yield Result(check=f"{flow} page", ok=None, detail="disabled in Kratos")
        else:
            yield compare_page(f"{flow} page", url, name=f"ory:{flow}", key=UI_URL.format(flow))
    yield compare_page("error page", error_url, name="ory:error", key=UI_URL.format("error"))
    ours = [get_origin(url) for url in urls.values() if isinstance(url, str) and is_here(url)]
    site = ours[0] if ours else ""
    yield _compare_return_address(client, "return to this site", site, "/", error_url)
    settings_path = reverse("ory:settings")
    yield _compare_return_address(client, "return to the settings page", site, settings_path, error_url)
    yield from _compare_browser_url(client, settings, site)
    if settings.oauth2_accounts == "kratos_native":
        yield _compare_provider(client, settings)
    yield from _name_hidden_settings(settings, site)


def _compare_return_address(
    client: ProbeClient, check: str, site: str, path: str, error_url: str | OryError
) -> Result:
    url = attempt(partial(client.start_flow, "login", return_to=site + path)) if site else ""
    for each in (url, error_url):
        if isinstance(each, OryError):
            return not_compared(check, each)
    if not site:
        return Result(check=check, ok=None, detail=NO_SITE)
    if _is_same_page(url, error_url):
        hint = f"selfservice.allowed_return_urls: [{site}/]"
        return Result(check=check, ok=False, detail=f"{site}{path} is not allowed", hint=hint)
    return Result(check=check, ok=True, detail=f"{site}{path} is allowed")


def _compare_browser_url(client: ProbeClient, settings: OrySettings, site: str) -> Iterator[Result]:
    info = attempt(client.with_http_info.initialize_self_service_login_flow_for_browsers)
    if isinstance(info, OryError):
        yield not_compared("URL for browsers", info)
        yield not_compared("cookies", info)
        return
    expected, actual = get_origin(settings.kratos_browser_url), get_origin(info.data.ui.action)
    detail = f"forms are sent to {actual}"
    if expected == actual:
        yield Result(check="URL for browsers", ok=True, detail=detail)
    else:
        line = setting_line(settings.alias, "KRATOS_BROWSER_URL", f'"{actual}"')
        detail = f"{detail}, but KRATOS_BROWSER_URL is {expected}"
        yield Result(check="URL for browsers", ok=False, detail=detail, hint=line)
    if site and info.set_cookies:
        yield from _compare_cookies(info.set_cookies, site=site, kratos=actual)
    else:
        detail = NO_SITE if info.set_cookies else "needs a cookie, and Kratos set none"
        yield Result(check="cookies", ok=None, detail=detail)


def _compare_provider(client: ProbeClient, settings: OrySettings) -> Result:
    """Compare how Kratos answers an unknown login of an OAuth2 client: the error depends on its setting."""
    check = "logins of OAuth2 clients"
    call = client.initialize_self_service_login_flow_for_browsers
    error = attempt(partial(call, login_challenge="django-ory-check"))
    # An old Kratos ignores the parameter and starts a flow.
    if not isinstance(error, OryError) or "oauth2_provider.url" in getattr(error, "reason", ""):
        hint = f"oauth2_provider.url: {settings.hydra_admin_url}"
        detail = "Kratos does not accept them, but OAUTH2_ACCOUNTS is kratos_native"
        return Result(check=check, ok=False, detail=detail, hint=hint)
    if isinstance(error, OryAPIError) and error.status == 400:
        return Result(check=check, ok=True, detail="Kratos accepts them at a Hydra")
    return not_compared(check, error)


def _compare_cookies(lines: Sequence[str], *, site: str, kratos: str) -> Iterator[Result]:
    host = urlsplit(site).hostname or ""
    for line in lines:
        parts = (part.strip().partition("=") for part in line.split(";"))
        attributes = {name.lower(): value for name, _, value in parts}
        domain = attributes.get("domain", "").lstrip(".") or (urlsplit(kratos).hostname or "")
        detail = f"Kratos sets cookies for {domain}"
        if host == domain or host.endswith(f".{domain}"):
            yield Result(check="cookies", ok=True, detail=detail)
        else:
            hint = f"cookies.domain: {'.'.join(host.split('.')[-2:])}"
            yield Result(check="cookies", ok=False, detail=f"{detail}, but this site is {host}", hint=hint)
        if "secure" in attributes and site.startswith("http:") and host not in ("localhost", "127.0.0.1"):
            detail = f"Kratos sets cookies for https only, but {site} is http"
            hint = "Serve the site over https, or start Kratos with --dev."
            yield Result(check="secure cookies", ok=False, detail=detail, hint=hint)


def _name_hidden_settings(settings: OrySettings, site: str) -> Iterator[Result]:
    """Yield the settings that Kratos only shows to signed-in users, with the right value."""
    detail = "only visible to signed-in users"
    hint = f"{UI_URL.format('settings')}: {site or '<this site>'}{reverse('ory:settings')}"
    yield Result(check="settings page", ok=None, detail=detail, hint=hint)
    if not settings.sdk_url or settings.session_cookie_name:  # the names of Ory Network are known
        name = settings.session_cookie_name or "ory_kratos_session"
        detail = f"{detail}; with another name all requests are anonymous"
        hint = f"session.cookie.name: {name}"
        yield Result(check="name of the session cookie", ok=None, detail=detail, hint=hint)


def _is_same_page(one: str | OryError, other: str | OryError) -> bool:
    if isinstance(one, OryError) or isinstance(other, OryError):
        return False
    return urlsplit(one)[:3] == urlsplit(other)[:3]
