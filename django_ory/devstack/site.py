"""What the configurations need to know about the Django project: its addresses, from its URLconf."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from django.conf import global_settings, settings
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from django_ory.conf import DEFAULT_ALIAS, get_settings

from .configuration import PROVIDER_PAGES, SELFSERVICE_PAGES
from .errors import DevstackError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Site", "site_from_project"]


@dataclass(frozen=True, kw_only=True)
class Site:
    """A Django site as browsers see it. All URLs are absolute."""

    url: str
    """Scheme and host, without a slash at the end: ``http://localhost:8000``."""
    name: str
    pages: Mapping[str, str]
    """URL name without the namespace (``login``, ``oauth2_consent``) -> URL."""
    after_login: str
    after_logout: str
    return_urls: tuple[str, ...] = ()
    """Origins besides the site's own that Kratos may send browsers to."""
    mail_address: str = "webmaster@localhost"
    mail_name: str = ""
    session_seconds: int = field(default=global_settings.SESSION_COOKIE_AGE)
    session_persistent: bool = True
    session_cookie: str = "ory_kratos_session"

    @property
    def host(self) -> str:
        """The host name without the port."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_secure(self) -> bool:
        """Whether browsers come by HTTPS."""
        return urlsplit(self.url).scheme == "https"


def site_from_project(url: str, *, alias: str = DEFAULT_ALIAS) -> Site:
    """The site that the URLconf and the settings of this process describe, as seen at ``url``.

    Raises DevstackError if ``url`` is no absolute URL or the URLconf lacks the pages of ``django_ory.urls``.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise DevstackError(
            f"{url!r} is not the address of a site. It should look like http://localhost:8000"
        )
    origin = f"{parts.scheme}://{parts.netloc}"
    ory = get_settings(alias)
    mail_name, mail_address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return Site(
        url=origin,
        name=ory.site_name or parts.hostname,
        pages={page: urljoin(origin, _page_path(page)) for page in (*SELFSERVICE_PAGES, *PROVIDER_PAGES)},
        after_login=urljoin(origin, _after_login_path()),
        after_logout=urljoin(origin, resolve_url(settings.LOGOUT_REDIRECT_URL or "/")),
        return_urls=tuple(f"{parts.scheme}://{host}/" for host in ory.allowed_return_hosts),
        mail_address=mail_address,
        mail_name=mail_name or ory.site_name,
        session_cookie=ory.session_cookie_name or Site.session_cookie,
        session_seconds=settings.SESSION_COOKIE_AGE,
        session_persistent=not settings.SESSION_EXPIRE_AT_BROWSER_CLOSE,
    )


def _page_path(page: str) -> str:
    try:
        return reverse(f"ory:{page}")
    except NoReverseMatch as error:
        raise DevstackError(
            f'The URLconf {settings.ROOT_URLCONF} has no "ory:{page}". '
            f'Add to its urlpatterns: path("auth/", include("django_ory.urls"))'
        ) from error


def _after_login_path() -> str:
    """Where Kratos sends people when nobody said where to: never a page that does not exist."""
    path: str = resolve_url(settings.LOGIN_REDIRECT_URL)
    if settings.LOGIN_REDIRECT_URL == global_settings.LOGIN_REDIRECT_URL:
        # Django's default, /accounts/profile/, is a page that few projects have.
        try:
            resolve(path)
        except Resolver404:
            return "/"
    return path
