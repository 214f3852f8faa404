"""Rules about the project around the app: middleware, backends, URLs, the user model, hosts, caches."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.middleware import AuthenticationMiddleware, LoginRequiredMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import ImproperlyConfigured
from django.db.models import CharField, EmailField
from django.http.request import split_domain_port, validate_host
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from django_ory.adapter import OryAdapter
from django_ory.conf import DEFAULT_ALIAS
from django_ory.user_fields import PROTECTED_FIELDS, get_user_field

from .rule import Finding, Rule, Site, at, paste

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django_ory.conf import OrySettings

__all__ = ["RULES"]

MIDDLEWARE = '"django_ory.middleware.OryMiddleware"'
BACKEND = "django_ory.backends.OryBackend"
#: The test runner adds this host to ALLOWED_HOSTS; no browser uses it.
TEST_HOST = "testserver"
#: Caches that other processes do not see.
PRIVATE_CACHES = (
    "django.core.cache.backends.locmem.LocMemCache",
    "django.core.cache.backends.dummy.DummyCache",
)


def no_middleware(site: Site) -> Iterator[Finding]:
    if not _reversed("ory:login"):  # a site without the pages may use the client or tokens only
        yield from _find_missing_middleware(site)


def pages_without_middleware(site: Site) -> Iterator[Finding]:
    if _reversed("ory:login"):
        yield from _find_missing_middleware(site)


def _find_missing_middleware(site: Site) -> Iterator[Finding]:
    from django_ory.middleware import OryMiddleware

    if any(project.kratos_public_url for project in site.projects) and site.position(OryMiddleware) is None:
        yield Finding(
            "OryMiddleware is not in MIDDLEWARE: request.user is anonymous for users who sign in with Ory.",
            f"MIDDLEWARE += [{MIDDLEWARE}]  # after AuthenticationMiddleware",
        )


def middleware_order(site: Site) -> Iterator[Finding]:
    from django_ory.middleware import OryMiddleware

    ours = site.position(OryMiddleware)
    if ours is None:
        return
    for other in (SessionMiddleware, AuthenticationMiddleware):
        position = site.position(other)
        if position is not None and position > ours:
            yield Finding(
                f"OryMiddleware must come after {other.__name__}, which otherwise replaces request.user.",
                f"Move {MIDDLEWARE} below AuthenticationMiddleware in MIDDLEWARE.",
            )
    position = site.position(LoginRequiredMiddleware)
    if position is not None and position < ours:
        yield Finding(
            "LoginRequiredMiddleware must come after OryMiddleware; otherwise all requests are anonymous.",
            f"Move {MIDDLEWARE} above LoginRequiredMiddleware in MIDDLEWARE.",
        )


def no_backend(site: Site) -> Iterator[Finding]:
    from django_ory.backends import OryBackend

    classes = []
    for path in settings.AUTHENTICATION_BACKENDS:
        try:
            classes.append(import_string(path))
        except ImportError:
            continue  # Django says so itself
    if any(isinstance(each, type) and issubclass(each, OryBackend) for each in classes):
        return
    has_permissions = any(isinstance(each, type) and issubclass(each, ModelBackend) for each in classes)
    yield Finding(
        "OryBackend is not in AUTHENTICATION_BACKENDS: "
        + (
            "authenticate(ory_session=...) returns None, and Django ends a session that login() started for "
            "a user of Ory."
            if has_permissions
            else "users who sign in with Ory have no permissions."
        ),
        f'AUTHENTICATION_BACKENDS = ["{BACKEND}", "django.contrib.auth.backends.ModelBackend"]',
    )


def no_urls(site: Site) -> Iterator[Finding]:
    if not getattr(settings, "ROOT_URLCONF", None) or _reversed("ory:login"):
        return
    yield Finding(
        "The pages of django_ory are not in the URLconf, so nobody can be sent to the sign-in page.",
        'urlpatterns += [path("auth/", include("django_ory.urls"))]',
    )


def login_url(site: Site) -> Iterator[Finding]:
    ours = _reversed("ory:login")
    theirs = (
        settings.LOGIN_URL
        if str(settings.LOGIN_URL).startswith(("/", "http"))
        else _reversed(settings.LOGIN_URL)
    )
    if ours and theirs != ours:
        yield Finding(
            f"LOGIN_URL is {settings.LOGIN_URL!r}: Django's login_required does not send people to Ory.",
            'LOGIN_URL = "ory:login"',
        )


def admin_logout(site: Site) -> Iterator[Finding]:
    if not (
        apps.is_installed("django.contrib.admin") and _reversed("admin:logout") and _reversed("ory:login")
    ):
        return
    from django.contrib import admin  # its models must be installed

    if getattr(admin.site.logout, "__func__", None) is admin.AdminSite.logout:
        yield Finding(
            '"Log out" in the Django admin does not end the Kratos session: '
            "a user who signed in through Kratos stays signed in.",
            "In the URLconf: admin.site.logout = secure_admin_logout(admin.site.logout)  "
            "# from django_ory.decorators",
        )


def user_names(site: Site) -> Iterator[Finding]:
    user = get_user_model()
    field = user._meta.get_field(user.USERNAME_FIELD)
    falls_back = isinstance(field, CharField) and not isinstance(field, EmailField)
    for project in site.projects:
        if project.create_users and user.USERNAME_FIELD not in project.user_fields and not falls_back:
            yield Finding(
                f"{at(project, 'USER_FIELDS')} does not fill {user.USERNAME_FIELD}, which the user "
                "model needs: nobody new gets a user.",
                paste(project.alias, "USER_FIELDS", f'{{"{user.USERNAME_FIELD}": "email"}}'),
            )


def unknown_user_fields(site: Site) -> Iterator[Finding]:
    model = get_user_model()
    existing = {field.name for field in model._meta.get_fields()}
    possible = [name for name in sorted(existing) if get_user_field(model, name)]
    for project in site.projects:
        if "USER_FIELDS" not in site.raw[project.alias]:
            continue  # the default names fields that some user models lack
        for name in project.user_fields:
            if name in PROTECTED_FIELDS or get_user_field(model, name) is not None:
                continue
            others = {key: path for key, path in project.user_fields.items() if key != name}
            near = [] if name in existing else difflib.get_close_matches(name, possible, n=1)
            fields = {**others, near[0]: project.user_fields[name]} if near else others
            hint = f' Did you mean "{near[0]}"?' if near else ""
            yield Finding(
                f"{at(project, 'USER_FIELDS')} names {name!r}, which is ignored: the user model has no field "
                f"of this name that a trait may fill (files, relations and keys are excluded).{hint}",
                paste(project.alias, "USER_FIELDS", repr(fields)),
            )


def private_caches(site: Site) -> Iterator[Finding]:
    for project in site.projects:
        backend = settings.CACHES.get(project.session_cache_alias, {}).get("BACKEND")
        remembers = project.session_cache_seconds or "stale" in (
            project.when_unavailable_safe,
            project.when_unavailable_unsafe,
        )
        if remembers and backend in PRIVATE_CACHES:
            yield Finding(
                f"{at(project)} remembers sessions in a cache that each process has for itself: "
                "who signs out in one is still signed in in the others.",
                'CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", '
                '"LOCATION": "redis://localhost:6379"}}',
            )


def hosts(site: Site) -> Iterator[Finding]:
    # The first that matches counts, see OryAdapter.resolve_alias.
    projects = sorted(site.projects, key=lambda project: (project.alias != DEFAULT_ALIAS, project.alias))
    owners: list[OrySettings] = []
    for project in projects:
        for host in filter(_can_match, project.hosts):
            for owner in owners:
                if validate_host(host.lower(), filter(_can_match, owner.hosts)):
                    yield Finding(
                        f"{host} in {at(project, 'HOSTS')} belongs to {owner.alias} already; "
                        "only the first counts.",
                        f"Leave it in one: {paste(owner.alias, 'HOSTS', f'[{host!r}]')}",
                    )
        owners.append(project)
    for project in site.projects:
        is_default_way = _resolves_by_hosts(site)
        if project.alias != DEFAULT_ALIAS and len(projects) > 1 and not project.hosts and is_default_way:
            yield Finding(
                f"No request ever belongs to {at(project)}: it has no HOSTS.",
                paste(
                    project.alias,
                    "HOSTS",
                    f'["{project.alias}.example.org"]  # or override OryAdapter.resolve_alias',
                ),
            )


def odd_hosts(site: Site) -> Iterator[Finding]:
    for project in site.projects:
        for host in project.hosts:
            if not _can_match(host):
                yield Finding(
                    f"{at(project, 'HOSTS')} has {host!r}, which no request can match: host names only, "
                    "without scheme, port and path.",
                    paste(project.alias, "HOSTS", '["shop.example.org"]  # or ".example.org" for all below'),
                )


def _can_match(host: Any) -> bool:
    """Whether ``resolve_alias`` can ever find it: "*", or a host as Django takes it from the request."""
    return host == "*" or (
        isinstance(host, str) and bool(host) and split_domain_port(host) == (host.lower(), "")
    )


def _resolves_by_hosts(site: Site) -> bool:
    try:
        adapter = import_string(site.projects[0].adapter)
    except ImportError:
        return True
    return getattr(adapter, "resolve_alias", None) is OryAdapter.resolve_alias


def shared_cookies(site: Site) -> Iterator[Finding]:
    """Browsers send Kratos' cookie to us only if both live on the same site."""
    ours = [host for host in settings.ALLOWED_HOSTS if host not in ("*", TEST_HOST)]
    for project in site.projects:
        kratos = urlsplit(project.kratos_browser_url).hostname
        if kratos and ours and not any(_share_cookies(kratos, host) for host in ours):
            yield Finding(
                f"Browsers see Kratos as {kratos}, and this site as {', '.join(ours)}: they share no cookie, "
                "so nobody would ever be signed in.",
                paste(
                    project.alias,
                    "KRATOS_BROWSER_URL",
                    f'"https://auth.{ours[0].lstrip(".")}"  # or mend ALLOWED_HOSTS',
                ),
            )


def _share_cookies(one: str, other: str) -> bool:
    one, other = one.lower(), other.lower().lstrip(".")
    if one == other:
        return True
    parts, others = one.split("."), other.split(".")
    if len(parts) < 2 or len(others) < 2 or parts[-1].isdecimal() or others[-1].isdecimal():
        return False  # a bare name or an IP address shares with itself only
    return parts[-2:] == others[-2:]


def no_admin(site: Site) -> Iterator[Finding]:
    for project in site.projects:
        if project.kratos_public_url and not project.kratos_admin_url:
            yield Finding(
                f"{at(project)} has no KRATOS_ADMIN_URL: identities cannot be synced or managed.",
                paste(project.alias, "KRATOS_ADMIN_URL", '"http://localhost:4434"'),
            )


def no_hydra(site: Site) -> Iterator[Finding]:
    for project in site.projects:
        if project.hydra_admin_url and not project.hydra_public_url and not project.hydra_browser_url:
            yield Finding(
                f"{at(project)} has no HYDRA_PUBLIC_URL: the provider's pages send nobody back to a Hydra "
                "that they do not know.",
                paste(project.alias, "HYDRA_PUBLIC_URL", '"http://localhost:4444"'),
            )


def no_provider(site: Site) -> Iterator[Finding]:
    for project in site.projects:
        if project.hydra_public_url and not project.hydra_admin_url:
            yield Finding(
                f"{at(project)} has no HYDRA_ADMIN_URL: the provider's pages answer 404.",
                paste(project.alias, "HYDRA_ADMIN_URL", '"http://localhost:4445"'),
            )


def no_api_key(site: Site) -> Iterator[Finding]:
    for project in site.projects:
        if project.sdk_url and not project.api_key:
            yield Finding(
                f"{at(project)} has no API_KEY: Ory Network refuses the admin API without one, so identities "
                "cannot be synced and nobody signs in through the provider's pages.",
                paste(project.alias, "API_KEY", 'os.environ["ORY_API_KEY"]'),
            )


def _reversed(name: str) -> str | None:
    try:
        return reverse(name)
    except (NoReverseMatch, ImportError, ImproperlyConfigured):
        return None


RULES = (
    Rule(id="E011", about="`OryMiddleware` is at the wrong position.", find=middleware_order),
    Rule(id="E012", about="No trait fills the user name that the user model needs.", find=user_names),
    Rule(id="E013", about="A host belongs to two projects, or a project has none.", find=hosts),
    Rule(id="E014", about="An entry in `HOSTS` is no host name, so no request matches it.", find=odd_hosts),
    Rule(
        id="E015",
        about="`OryMiddleware` is missing, and the app's pages are in the URLconf.",
        find=pages_without_middleware,
    ),
    Rule(
        id="W002",
        about="`OryMiddleware` is missing, and the app's pages are not in the URLconf.",
        find=no_middleware,
    ),
    Rule(id="W003", about="`OryBackend` is not in `AUTHENTICATION_BACKENDS`.", find=no_backend),
    Rule(id="W004", about="The app's pages are not in the URLconf.", find=no_urls),
    Rule(id="W005", about="`LOGIN_URL` is not the app's sign-in page.", find=login_url),
    Rule(
        id="W006",
        about="Sessions are remembered in a cache that processes do not share.",
        find=private_caches,
    ),
    Rule(
        id="W007", about="Kratos and this site have no domain in common, so no cookie.", find=shared_cookies
    ),
    Rule(id="W008", about="`SDK_URL` is set, `API_KEY` is not.", find=no_api_key),
    Rule(id="W009", about="`HYDRA_ADMIN_URL` is set, `HYDRA_PUBLIC_URL` is not.", find=no_hydra),
    Rule(
        id="W011",
        about="`USER_FIELDS` names a field that the user model lacks or that no trait may fill.",
        find=unknown_user_fields,
    ),
    Rule(
        id="W012",
        about='"Log out" in the Django admin does not end the Kratos session.',
        find=admin_logout,
    ),
    Rule(id="I001", about="`KRATOS_ADMIN_URL` is not set.", find=no_admin),
    Rule(id="I002", about="Hydra is set, `HYDRA_ADMIN_URL` is not.", find=no_provider),
)
