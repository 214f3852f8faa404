"""Comparing a running Kratos and Hydra with this project: what ``manage.py ory_check`` finds out.

It only looks: flows that it starts are like those of any visitor, and nothing is created, changed or deleted.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings as django_settings
from django.http.request import validate_host
from django.urls import reverse

from django_ory.client import OryAPIError, OryClient, OryError
from django_ory.client.services import KRATOS_PUBLIC
from django_ory.clients import new_client
from django_ory.conf import OrySettings, get_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django_ory.client.models import OAuth2Client

__all__ = ["Result", "check_project"]

#: Kratos' flows whose page a stranger can open, and the keys of Kratos' configuration that name the page.
PAGES = {
    "login": "selfservice.flows.login.ui_url",
    "registration": "selfservice.flows.registration.ui_url",
    "recovery": "selfservice.flows.recovery.ui_url",
    "verification": "selfservice.flows.verification.ui_url",
}
SERVICES = ("kratos_public", "kratos_admin", "hydra_public", "hydra_admin", "keto_read", "keto_write")
FORBIDDEN = "https://django-ory-check.invalid/"


@dataclass(frozen=True, kw_only=True)
class Result:
    """One line of the report. ``ok`` is None where nothing could be found out."""

    alias: str
    what: str
    ok: bool | None
    detail: str
    hint: str = ""  #: what to write into Kratos' or Hydra's configuration

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


class Visitor(OryClient):
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


def check_project(alias: str) -> Iterator[Result]:
    """Everything that can be compared, one result at a time. Never raises because of Ory."""
    settings = get_settings(alias)
    client = new_client(Visitor, alias)
    reachable = set()
    for service in SERVICES:
        url = getattr(settings, f"{service}_url")
        if url:
            result = _service(client, settings, service, url)
            if result.ok:
                reachable.add(service)
            yield result
    if "kratos_public" in reachable:
        yield from _guarded(alias, "Kratos' pages", lambda: _kratos(client, settings))
    if "hydra_public" in reachable:
        yield from _guarded(alias, "Hydra's pages", lambda: _hydra(client, settings, reachable))
    client.close()


def _service(client: Visitor, settings: OrySettings, service: str, url: str) -> Result:
    started = time.perf_counter()
    try:
        client.is_ready(service=service)
        said = "ready"
    except OryAPIError as error:
        if error.status >= 500:
            return Result(alias=settings.alias, what=service, ok=False, detail=f"{url} is not ready: {error}")
        said = "answers"  # Ory Network hides the health endpoints
    except OryError as error:
        return Result(
            alias=settings.alias,
            what=service,
            ok=False,
            detail=f"{url} does not answer: {error}",
            hint=f'ORY["{settings.alias}"]["{service.upper()}_URL"] = "..."',
        )
    milliseconds = (time.perf_counter() - started) * 1000
    detail = f"{url} {said}, {milliseconds:.0f} ms{_version(client, service)}"
    return Result(alias=settings.alias, what=service, ok=True, detail=detail)


def _version(client: Visitor, service: str) -> str:
    if not service.endswith("_admin"):
        return ""
    try:
        version = client.get_version(service=service).version
    except OryError:
        return ""
    return f", version {version}" if version else ""


def _guarded(alias: str, what: str, find: Callable[[], Iterator[Result]]) -> Iterator[Result]:
    try:
        yield from find()
    except OryError as error:
        yield Result(alias=alias, what=what, ok=None, detail=f"could not be compared: {error}")


def _kratos(client: Visitor, settings: OrySettings) -> Iterator[Result]:
    alias = settings.alias
    error_page = client.start("login", return_to=FORBIDDEN)
    site = ""
    for flow, key in PAGES.items():
        where = client.start(flow)
        if _same_page(where, error_page):
            yield Result(alias=alias, what=f"{flow} page", ok=None, detail="is switched off in Kratos")
            continue
        site = site or "{0.scheme}://{0.netloc}".format(urlsplit(where))
        yield _page(alias, f"{flow} page", where, f"ory:{flow}", key)
    yield _page(alias, "error page", error_page, "ory:error", "selfservice.flows.error.ui_url")
    for name, path in (
        ("return to this site", "/"),
        ("return to the settings page", reverse("ory:settings")),
    ):
        accepted = not _same_page(client.start("login", return_to=site + path), error_page)
        yield Result(
            alias=alias,
            what=name,
            ok=accepted,
            detail=f"{site}{path} is {'' if accepted else 'not '}allowed",
            hint="" if accepted else f"selfservice.allowed_return_urls: [{site}/]",
        )
    yield from _browser_side(client, settings, site)


def _browser_side(client: Visitor, settings: OrySettings, site: str) -> Iterator[Result]:
    info = client.with_http_info.initialize_self_service_login_flow_for_browsers()
    ours, theirs = _origin(settings.kratos_browser_url), _origin(info.data.ui.action)
    yield Result(
        alias=settings.alias,
        what="address for browsers",
        ok=ours == theirs,
        detail=f"forms are posted to {theirs}"
        + ("" if ours == theirs else f", KRATOS_BROWSER_URL is {ours}"),
        hint="" if ours == theirs else f'ORY["{settings.alias}"]["KRATOS_BROWSER_URL"] = "{theirs}"',
    )
    host = urlsplit(site).hostname or ""
    for line in info.set_cookies:
        attributes = {
            name.lower(): value
            for name, _, value in (part.strip().partition("=") for part in line.split(";"))
        }
        domain = attributes.get("domain", "").lstrip(".") or (urlsplit(theirs).hostname or "")
        shared = host == domain or host.endswith(f".{domain}")
        yield Result(
            alias=settings.alias,
            what="cookies",
            ok=shared,
            detail=f"Kratos' cookies are for {domain}" + ("" if shared else f", this site is {host}"),
            hint="" if shared else f"cookies.domain: {'.'.join(host.split('.')[-2:])}",
        )
        if "secure" in attributes and site.startswith("http:") and host not in ("localhost", "127.0.0.1"):
            yield Result(
                alias=settings.alias,
                what="secure cookies",
                ok=False,
                detail=f"Kratos' cookies are for https only, and {site} is http",
                hint="Serve the site over https, or start Kratos with --dev.",
            )


def _hydra(client: Visitor, settings: OrySettings, reachable: set[str]) -> Iterator[Result]:
    alias = settings.alias
    where = client.perform_o_auth2_authorization_flow(client_id="django-ory-check", response_type="code")
    yield _page(alias, "OAuth2 error page", where, "ory:oauth2_error", "urls.error")
    candidate = _some_client(client) if "hydra_admin" in reachable else None
    if candidate is None:
        detail = (
            "needs a client that uses the authorization code, and KRATOS_ADMIN_URL's sister HYDRA_ADMIN_URL"
        )
        yield Result(alias=alias, what="OAuth2 login page", ok=None, detail=detail)
        return
    where = client.perform_o_auth2_authorization_flow(
        client_id=candidate.client_id or "",
        response_type="code",
        redirect_uri=(candidate.redirect_uris or [""])[0],
        state="django-ory-check",
    )
    yield _page(alias, "OAuth2 login page", where, "ory:oauth2_login", "urls.login")


def _some_client(client: Visitor) -> OAuth2Client | None:
    for candidate in client.admin_list_o_auth2_clients(page_size=50):
        if "authorization_code" in (candidate.grant_types or []) and candidate.redirect_uris:
            return candidate
    return None


def _page(alias: str, what: str, where: str, name: str, key: str) -> Result:
    expected, parts = reverse(name), urlsplit(where)
    hosts = django_settings.ALLOWED_HOSTS or [".localhost", "127.0.0.1", "[::1]"]
    here = validate_host(parts.hostname or "", hosts)
    ok = here and parts.path.rstrip("/") == expected.rstrip("/")
    address = f"{parts.scheme}://{parts.netloc}{parts.path}"
    return Result(
        alias=alias,
        what=what,
        ok=ok,
        detail=f"is {address}" + ("" if ok else f", this site has it at {expected}"),
        hint="" if ok else f"{key}: {parts.scheme}://{parts.netloc if here else '<this site>'}{expected}",
    )


def _same_page(one: str, other: str) -> bool:
    return urlsplit(one)[:3] == urlsplit(other)[:3]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
