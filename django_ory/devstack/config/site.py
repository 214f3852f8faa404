"""The URLs and settings of a Django project that the configurations of the servers need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from urllib.parse import urljoin, urlsplit

from django.conf import global_settings, settings
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from django_ory.conf import DEFAULT_ALIAS, OrySettings, get_settings
from django_ory.devstack.errors import DevstackError
from django_ory.devstack.ports import HOST
from django_ory.http.redirects import parse_origin, split_url
from django_ory.provider.agents.policy import get_allowed_scopes, uses_authorization_front
from django_ory.provider.device_grant import UserCodeCase
from django_ory.validation.submissions import has_own_method

SELFSERVICE_PAGES = ("login", "registration", "recovery", "verification", "settings", "error")
"""URL names of the pages to which Kratos sends browsers, in the namespace ``ory``."""

PROVIDER_PAGES = (
    *("oauth2_login", "oauth2_consent", "oauth2_logout", "oauth2_error"),
    *("oauth2_device", "oauth2_device_done"),
)
"""URL names of the pages to which Hydra sends browsers."""


@dataclass(frozen=True, kw_only=True)
class SiteUrls:
    """The absolute URLs of a Django site, with the settings for mails and sessions."""

    url: str
    """Scheme and host without a trailing slash: ``http://localhost:8000``."""
    name: str
    pages: Mapping[str, str]
    """URL name without the namespace (``login``, ``oauth2_consent``) -> URL."""
    after_login: str
    after_logout: str
    return_urls: tuple[str, ...] = ()
    """Origins besides the site's own to which Kratos may redirect."""
    mail_address: str = "webmaster@localhost"
    mail_name: str = ""
    session_seconds: int = field(default=global_settings.SESSION_COOKIE_AGE)
    session_persistent: bool = True
    session_cookie: str = "ory_kratos_session"
    courier_url: str = ""
    """The endpoint for Kratos' mails and SMS. Empty: Kratos sends mails itself, by SMTP."""
    courier_secret: str = field(default="", repr=False)
    webhook_url: str = ""
    """The endpoint for Kratos' web hooks after each flow. Empty: Kratos has none."""
    webhook_secret: str = field(default="", repr=False)
    signup_hook_url: str = ""
    """The endpoint for Kratos' blocking web hook of a sign-up. Empty: each sign-up is allowed."""
    signup_secret: str = field(default="", repr=False)
    password_migration_url: str = ""
    """The endpoint for passwords of imported users. Empty: Kratos checks every password itself."""
    password_migration_secret: str = field(default="", repr=False)
    device_code_case: UserCodeCase = "exact"
    """The letters of the codes that devices show: of one case, or of both (exact)."""
    settings_hook_url: str = ""
    """The endpoint for Kratos' blocking web hook of a changed profile. Empty: each change is allowed."""
    token_hook_url: str = ""
    """The endpoint for Hydra's token hook. Empty: Hydra issues tokens without asking."""
    token_hook_secret: str = field(default="", repr=False)
    authorization_url: str = ""
    """The authorization endpoint of this site, in front of Hydra's. Empty: clients use Hydra's."""
    client_registration_url: str = ""
    """The endpoint for clients that register themselves. Empty: none."""
    client_scopes: tuple[str, ...] = ()
    """The scopes that clients which register themselves can request."""
    identity_provider_url: str = ""
    """Kratos' admin API for Hydra, which ends the session of Kratos with its own. Empty: no Kratos."""
    oauth2_provider_url: str = ""
    """Hydra's admin API for Kratos, which accepts logins itself. Empty: the site accepts them."""

    @property
    def host(self) -> str:
        """The host name without the port."""
        return urlsplit(self.url).hostname or ""

    @classmethod
    def from_project(cls, url: str, *, alias: str = DEFAULT_ALIAS) -> SiteUrls:
        """Read the URLconf and the settings of this process, for a site at ``url``.

        Raises DevstackError if ``url`` is not the absolute URL of a site, or if the URLconf does not include
        ``django_ory.urls``.
        """
        parts = split_url(url)
        if parse_origin(url) is None or parts.path.strip("/") or parts.query:
            raise DevstackError(f"{url!r} is not the URL of a site. Example: http://localhost:8000")
        origin = f"{parts.scheme}://{parts.netloc}"
        ory = get_settings(alias)
        mail_name, mail_address = parseaddr(settings.DEFAULT_FROM_EMAIL)
        return cls(
            url=origin,
            name=ory.site_name or parts.hostname or "",
            pages={
                page: urljoin(origin, get_page_path(page)) for page in (*SELFSERVICE_PAGES, *PROVIDER_PAGES)
            },
            after_login=urljoin(origin, _get_after_login_path()),
            after_logout=urljoin(origin, resolve_url(settings.LOGOUT_REDIRECT_URL or "/")),
            return_urls=tuple(f"{parts.scheme}://{host}/" for host in ory.allowed_return_hosts),
            mail_address=mail_address,
            mail_name=mail_name or ory.site_name,
            session_cookie=ory.session_cookie_name or cls.session_cookie,
            session_seconds=settings.SESSION_COOKIE_AGE,
            session_persistent=not settings.SESSION_EXPIRE_AT_BROWSER_CLOSE,
            courier_url=_get_hook_url("courier", ory.courier_url, origin, ory) if ory.courier_secrets else "",
            courier_secret=next(iter(ory.courier_secrets), ""),
            webhook_url=_get_hook_url("kratos_hook", ory.webhook_url, origin, ory)
            if ory.webhook_secrets
            else "",
            webhook_secret=next(iter(ory.webhook_secrets), ""),
            signup_hook_url=_get_signup_hook_url(origin, ory),
            signup_secret=next(iter([*ory.invitation_secrets, *ory.webhook_secrets]), ""),
            password_migration_url=_get_hook_url(
                "password_migration", ory.password_migration_url, origin, ory
            )
            if ory.password_migration_secrets
            else "",
            password_migration_secret=next(iter(ory.password_migration_secrets), ""),
            device_code_case=ory.oauth2_device_code_case,
            settings_hook_url=_get_settings_hook_url(origin, ory),
            identity_provider_url="" if ory.oauth2_accounts == "django" else ory.kratos_admin_url,
            oauth2_provider_url=ory.hydra_admin_url if ory.oauth2_accounts == "kratos_native" else "",
            token_hook_url=_get_hook_url("token_hook", ory.token_hook_url, origin, ory)
            if ory.token_hook_secrets
            else "",
            token_hook_secret=next(iter(ory.token_hook_secrets), ""),
            authorization_url=urljoin(origin, get_page_path("oauth2_authorize"))
            if uses_authorization_front(ory)
            else "",
            client_registration_url=urljoin(origin, get_page_path("oauth2_register"))
            if ory.oauth2_client_registration
            else "",
            client_scopes=tuple(get_allowed_scopes(ory)) if uses_authorization_front(ory) else (),
        )


def get_server_port(ory: OrySettings, server: str, side: str) -> int | None:
    """Return the port at which this site reaches the public or admin API of ``kratos`` or ``hydra`` itself.

    None if that is unknown, because the URL has no port, or leads through the proxy of the browsers.
    """
    url = split_url(getattr(ory, f"{server}_{side}_url"))
    is_for_browsers = side == "public" and url.geturl() == getattr(ory, f"{server}_browser_url")
    return None if is_for_browsers or url.scheme != "http" else url.port


def is_on_this_machine(ory: OrySettings, server: str) -> bool:
    """Return whether the site reaches the public API of ``kratos`` or ``hydra`` on its own machine."""
    url = split_url(getattr(ory, f"{server}_public_url"))
    is_local = url.hostname in ("localhost", HOST, "::1")
    return is_local and get_server_port(ory, server, "public") is not None


def _get_hook_url(page: str, url: str, origin: str, ory: OrySettings) -> str:
    """Return the URL of an endpoint for posts of a server: the configured one, else that of the site."""
    return url or urljoin(origin, get_page_path(page, ory.alias))


def _get_signup_hook_url(origin: str, ory: OrySettings) -> str:
    """Return the URL if sign-up is closed, or the adapter validates sign-ups."""
    is_validated = ory.webhook_secrets and has_own_method(ory, "validate_registration")
    if not (ory.invitation_secrets or is_validated):
        return ""
    return _get_hook_url("invitation_hook", ory.invitation_hook_url, ory.webhook_url or origin, ory)


def _get_settings_hook_url(origin: str, ory: OrySettings) -> str:
    """Return the URL if the adapter validates changed profiles."""
    if not (ory.webhook_secrets and has_own_method(ory, "validate_settings")):
        return ""
    return _get_hook_url("settings_hook", "", ory.webhook_url or origin, ory)


def get_page_path(page: str, *arguments: str) -> str:
    """Return the path of a page or endpoint by its URL name in the namespace ``ory``.

    Raises DevstackError if the URLconf does not include ``django_ory.urls``.
    """
    try:
        return reverse(f"ory:{page}", args=arguments)
    except NoReverseMatch as error:
        raise DevstackError(
            f'The URLconf {settings.ROOT_URLCONF} has no "ory:{page}". '
            f'Add to its urlpatterns: path("auth/", include("django_ory.urls"))'
        ) from error


def _get_after_login_path() -> str:
    """Return LOGIN_REDIRECT_URL. Few projects have Django's default; ``/`` replaces a missing page."""
    path: str = resolve_url(settings.LOGIN_REDIRECT_URL)
    if settings.LOGIN_REDIRECT_URL == global_settings.LOGIN_REDIRECT_URL:
        try:
            resolve(path)
        except Resolver404:
            return "/"
    return path
