"""URLs to redirect to: safe return addresses, trusted origins, the app's own pages and their parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Literal
from urllib.parse import SplitResult, parse_qs, urlencode, urljoin, urlsplit

from django.core import signing
from django.http import HttpRequest
from django.urls import URLResolver, get_resolver, get_script_prefix, get_urlconf, reverse
from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language

from django_ory.conf import OrySettings, get_settings

__all__ = ["login_url", "safe_return_to"]

Origin = tuple[str, str, int]  #: scheme, host, port

#: The longest URL that Django redirects to. An OAuth2 challenge in the query may have 7,000 characters.
MAX_URL_LENGTH = 16_384
#: The longest query of a page of ours. Kratos' URL for the same query is longer.
MAX_QUERY_LENGTH = MAX_URL_LENGTH - 1_024

DEFAULT_PORTS = {"http": 80, "https": 443}

#: Control characters, spaces and backslashes, which browsers ignore or read as something else in a URL.
_NOT_PLAIN = re.compile(r"[\x00-\x20\x7f\\]")

#: Parameter of the sign-in and registration pages: the signed name of the OAuth2 client. Kratos keeps the
#: URL of a flow, so the page can show the name without a call to Hydra.
CLIENT_NAME_PARAMETER = "client"
CLIENT_NAME_SALT = "django_ory.client_name"
MAX_CLIENT_NAME_AGE_SECONDS = 24 * 60 * 60
MAX_CLIENT_NAME_LENGTH = 100

#: Parameter of the sign-in page: the identifier with which the user may sign in, from an OAuth2 client.
LOGIN_HINT_PARAMETER = "login_hint"
MAX_LOGIN_HINT_LENGTH = 256

#: Parameter of the sign-up page and of Kratos' URL for a new flow, which Kratos keeps as ``request_url``: the
#: grant of an invitation.
INVITATION_PARAMETER = "invitation"

#: Parameter of links in mails.
TOKEN_PARAMETER = "token"

#: Parameter of Kratos' URL for a new flow: the language of the page, for the mails of the flow.
LANGUAGE_PARAMETER = "lang"


def safe_return_to(request: HttpRequest, candidate: str | None, *, alias: str) -> str | None:
    """Return an allowed URL to redirect to as an absolute URL; None for any other URL.

    Allowed are this site and ``ALLOWED_RETURN_HOSTS``; on an https site, only with https. Never raises for an
    invalid URL.
    """
    if not candidate or len(candidate) > MAX_URL_LENGTH:
        return None
    allowed = {request.get_host(), *get_settings(alias).allowed_return_hosts}
    if not _is_allowed(candidate, allowed, require_https=request.is_secure()):
        return None
    try:
        target = iri_to_uri(request.build_absolute_uri(candidate))
    except ValueError:  # e.g. an unclosed bracket, which only urljoin rejects
        return None
    return target if _is_allowed(target, allowed, require_https=request.is_secure()) else None


def read_return_to(request: HttpRequest, *, alias: str) -> str | None:
    """Return the ``return_to`` or ``next`` of a form or a query, if ``safe_return_to`` allows it."""
    values = request.POST if request.method == "POST" else request.GET
    return safe_return_to(request, values.get("return_to") or values.get("next"), alias=alias)


def split_url(url: str) -> SplitResult:
    """Return the parts of a URL. Of one with an invalid host, such as ``http://[``, all parts are empty."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def format_host(url: str) -> str:
    """Return host and port for a page; the scheme for a URI of an installed app (``com.example.app:/cb``).

    Letters that are not ASCII may look like others. As in browsers, the host is in its IDNA form then.
    """
    parts = split_url(url)
    host = parts.netloc.rpartition("@")[2] or parts.scheme
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host.encode("ascii", "backslashreplace").decode()


def is_loopback_url(url: str) -> bool:
    """Return whether the host of a URL is the user's own computer."""
    host = split_url(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def clean_login_hint(hint: str | None) -> str:
    """Return a hint that can be an identifier, else ""."""
    hint = (hint or "").strip()
    return hint if len(hint) <= MAX_LOGIN_HINT_LENGTH and hint.isprintable() else ""


def get_query_parameter(url: str, name: str) -> str:
    """Return the first value of a parameter in the query of a URL, or ""."""
    return next(iter(parse_qs(split_url(url).query).get(name, [])), "")


def parse_origin(url: str) -> Origin | None:
    """Return the origin of an absolute http(s) URL; None for any other URL, and for one with a user name.

    A URL with a backslash has no origin: browsers read backslashes as slashes, so the host is ambiguous.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or "\\" in url or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, port or DEFAULT_PORTS[parts.scheme]


def hydra_url(url: object, *, settings: OrySettings) -> str | None:
    """Return the absolute URL if its origin is that of HYDRA_BROWSER_URL or HYDRA_PUBLIC_URL, else None.

    Hydra returns relative URLs for logouts. They are relative to HYDRA_BROWSER_URL.
    """
    if not isinstance(url, str) or not url or not _is_plain(url):
        return None
    try:
        absolute = urljoin(f"{settings.hydra_browser_url}/", url)
    except ValueError:
        return None
    allowed = {parse_origin(settings.hydra_browser_url), parse_origin(settings.hydra_public_url)} - {None}
    return absolute if parse_origin(absolute) in allowed else None


def web_url(url: object) -> str:
    """Return ``url`` if a page may link to it: only http and https, so no ``javascript:``; else ""."""
    return url if isinstance(url, str) and _is_plain(url) and parse_origin(url) else ""


@dataclass(frozen=True)
class TrustedOrigins:
    """The origins of Kratos, Hydra and the site as browsers reach them, and those of captcha scripts."""

    kratos: frozenset[Origin]
    hydra: frozenset[Origin] = frozenset()
    site: frozenset[Origin] = frozenset()
    captcha: frozenset[Origin] = frozenset()

    @classmethod
    def from_request(cls, request: HttpRequest, *, alias: str) -> TrustedOrigins:
        """The trusted origins of one Ory project and of the site that the request was sent to."""
        s = get_settings(alias)
        site = parse_origin(request.build_absolute_uri("/"))
        return cls(
            kratos=_parse_origins(s.kratos_browser_url, s.kratos_public_url, s.sdk_url),
            hydra=_parse_origins(s.hydra_browser_url, s.hydra_public_url),
            site=frozenset({site} if site else ()),
            captcha=_parse_origins(*s.captcha_origins),
        )

    def allows_form_action(self, url: str) -> bool:
        """Whether a form may be sent to the URL. Passwords are only sent to Kratos."""
        return parse_origin(url) in self.kratos

    def allows_script(self, url: str) -> bool:
        """Whether a page may load a script that Kratos names: its own, and those of a captcha."""
        return parse_origin(url) in self.kratos | self.captcha

    def allows_redirect(self, url: str) -> bool:
        """Whether a URL from Kratos may be redirected to."""
        return parse_origin(url) in self.kratos | self.hydra | self.site


def login_url(
    request: HttpRequest,
    *,
    return_to: str | None,
    aal: Literal["aal1", "aal2"] | None = None,
    refresh: bool = False,
    client_name: str = "",
) -> str:
    """Return the path of the sign-in page with its parameters.

    Args:
        return_to: the page to open after signing in. Must have passed ``safe_return_to``.
        aal: ``"aal2"`` asks for the second factor.
        refresh: sign in again although there is a session.
        client_name: the name of the OAuth2 client, shown on the page.
    """
    parameters = {
        "return_to": return_to,
        "aal": aal,
        "refresh": "true" if refresh else None,
        CLIENT_NAME_PARAMETER: sign_client_name(client_name),
    }
    return page_url(request, "ory:login", parameters)


def page_url(request: HttpRequest, name: str, parameters: Mapping[str, str | None]) -> str:
    """Return the path of one of the app's pages. Parameters without a value are left out.

    A ``return_to`` that makes the query too long is left out, too.
    """
    return page_urls(request, [name], parameters)[0]


def page_urls(request: HttpRequest, names: Sequence[str], parameters: Mapping[str, str | None]) -> list[str]:
    """Return the paths of several pages with the same parameters. See ``page_url``."""
    given = {key: value for key, value in parameters.items() if value}
    query = urlencode(given) if given else ""
    if len(query) > MAX_QUERY_LENGTH and "return_to" in given:
        return page_urls(request, names, {**given, "return_to": None})
    resolver, prefix, language = get_resolver(get_urlconf()), get_script_prefix(), get_language()
    current_app = getattr(request, "current_app", None)
    paths = [_reverse(resolver, prefix, language, name, current_app) for name in names]
    return [f"{path}?{query}" if query else path for path in paths]


def get_return_page(request: HttpRequest) -> str:
    """Return the page to open after signing in, not yet checked by ``safe_return_to``.

    For GET the page itself. For other methods the page with the form, because the body is not sent again.
    """
    if request.method in ("GET", "HEAD"):
        return request.build_absolute_uri()
    return request.META.get("HTTP_REFERER") or request.build_absolute_uri()


def build_token_link(name: str, token: str, *, site_url: str) -> str:
    """Return the absolute URL of a page with a token, by its URL name.

    The token is in the query, because Django logs the paths of requests that fail. ``site_url``: such as
    ``request.build_absolute_uri("/")``.
    """
    return urljoin(site_url, f"{reverse(name)}?{urlencode({TOKEN_PARAMETER: token})}")


def sign_client_name(name: str) -> str:
    """Return the value of ``CLIENT_NAME_PARAMETER``; "" for an empty name."""
    return signing.dumps(name[:MAX_CLIENT_NAME_LENGTH], salt=CLIENT_NAME_SALT) if name else ""


def read_client_name(value: str | None) -> str:
    """Return the signed name; "" if the value is missing, older than a day, or not signed by this site."""
    try:
        name = signing.loads(value or "", salt=CLIENT_NAME_SALT, max_age=MAX_CLIENT_NAME_AGE_SECONDS)
    except (signing.BadSignature, ValueError):
        return ""
    return name if isinstance(name, str) else ""


@lru_cache(maxsize=256)
def _reverse(
    resolver: URLResolver, prefix: str, language: str | None, name: str, current_app: str | None
) -> str:
    """Return the path of a URL name. The result depends on the other arguments, which the caller looks up."""
    return reverse(name, current_app=current_app)


@lru_cache(maxsize=64)
def _parse_origins(*urls: str) -> frozenset[Origin]:
    """Return the origins of URLs from the settings."""
    return frozenset(filter(None, map(parse_origin, urls)))


def _is_allowed(url: str, hosts: set[str], *, require_https: bool) -> bool:
    """Django's check without the query, because Django rejects URLs of more than 2,048 characters."""
    return url_has_allowed_host_and_scheme(url.partition("?")[0] or "/", hosts, require_https=require_https)


def _is_plain(url: str) -> bool:
    return _NOT_PLAIN.search(url) is None
