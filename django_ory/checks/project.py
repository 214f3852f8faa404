"""Rules about the project around the app: middleware, backends, URLs, the user model, hosts, caches."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.middleware import AuthenticationMiddleware, LoginRequiredMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.db.models import CharField, EmailField
from django.http.request import split_domain_port, validate_host

from django_ory.adapter import OryAdapter
from django_ory.conf import DEFAULT_ALIAS, OrySettings
from django_ory.http.redirects import split_url
from django_ory.user_fields import PROTECTED_FIELDS, get_user_field

from .rules import (
    CheckContext,
    Finding,
    import_classes,
    login_path,
    project_rule,
    rule,
    setting_finding,
    setting_line,
    setting_path,
    url_path,
)

MIDDLEWARE_PATH = '"django_ory.middleware.OryMiddleware"'
#: The test runner adds this host to ALLOWED_HOSTS. Browsers do not use it.
TEST_HOST = "testserver"
#: Caches that each process has for itself.
PROCESS_LOCAL_CACHES = (
    "django.core.cache.backends.locmem.LocMemCache",
    "django.core.cache.backends.dummy.DummyCache",
)
SHARED_CACHE = (
    'CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", '
    '"LOCATION": "redis://localhost:6379"}}'
)


@rule("W002", "`OryMiddleware` is missing, and the app's pages are not in the URLconf.")
def no_middleware(context: CheckContext) -> Iterator[Finding]:
    if not url_path("ory:login"):  # a site without the pages may use the client or tokens only
        yield from _find_missing_middleware(context)


@rule("E015", "`OryMiddleware` is missing, and the app's pages are in the URLconf.")
def pages_without_middleware(context: CheckContext) -> Iterator[Finding]:
    if url_path("ory:login"):
        yield from _find_missing_middleware(context)


def _find_missing_middleware(context: CheckContext) -> Iterator[Finding]:
    from django_ory.middleware import OryMiddleware

    if context.has_kratos and context.position(OryMiddleware) is None:
        yield Finding(
            "OryMiddleware is not in MIDDLEWARE: request.user is anonymous for users who sign in with Ory.",
            f"MIDDLEWARE += [{MIDDLEWARE_PATH}]  # after AuthenticationMiddleware",
        )


@rule("E011", "`OryMiddleware` is at the wrong position.")
def middleware_order(context: CheckContext) -> Iterator[Finding]:
    from django_ory.middleware import OryMiddleware

    ours = context.position(OryMiddleware)
    if ours is None:
        return
    for other in (SessionMiddleware, AuthenticationMiddleware):
        position = context.position(other)
        if position is not None and position > ours:
            yield Finding(
                f"OryMiddleware must come after {other.__name__}, which otherwise replaces request.user.",
                f"Move {MIDDLEWARE_PATH} below AuthenticationMiddleware in MIDDLEWARE.",
            )
    position = context.position(LoginRequiredMiddleware)
    if position is not None and position < ours:
        yield Finding(
            "LoginRequiredMiddleware must come after OryMiddleware; otherwise all requests are anonymous.",
            f"Move {MIDDLEWARE_PATH} above LoginRequiredMiddleware in MIDDLEWARE.",
        )


@rule("W013", "Django's own `LoginRequiredMiddleware` is used.")
def djangos_login_required(context: CheckContext) -> Iterator[Finding]:
    from django_ory.middleware import LoginRequiredMiddleware as OurMiddleware

    position = context.position(LoginRequiredMiddleware)
    if position is not None and not issubclass(context.middleware[position], OurMiddleware):
        yield Finding(
            "MIDDLEWARE contains Django's own LoginRequiredMiddleware. While Kratos is down, it redirects "
            "users to a sign-in page that is down, too, instead of responding with 503.",
            'Replace it by "django_ory.middleware.LoginRequiredMiddleware".',
        )


@rule("W003", "`OryBackend` is not in `AUTHENTICATION_BACKENDS`.")
def no_backend(context: CheckContext) -> Iterator[Finding]:
    from django_ory.backends import OryBackend

    classes = import_classes(settings.AUTHENTICATION_BACKENDS)
    if any(issubclass(each, OryBackend) for each in classes) or not context.has_kratos:
        return
    if any(issubclass(each, ModelBackend) for each in classes):
        consequence = (
            "authenticate(ory_session=...) returns None, and Django ends a session that login() started for "
            "a user of Ory."
        )
    else:
        consequence = "users who sign in with Ory have no permissions."
    yield Finding(
        f"OryBackend is not in AUTHENTICATION_BACKENDS: {consequence}",
        'AUTHENTICATION_BACKENDS = ["django_ory.backends.OryBackend", '
        '"django.contrib.auth.backends.ModelBackend"]',
    )


@rule("W004", "The app's pages are not in the URLconf.")
def no_urls(context: CheckContext) -> Iterator[Finding]:
    if getattr(settings, "ROOT_URLCONF", None) and not url_path("ory:login"):
        yield Finding(
            "The pages of django_ory are not in the URLconf: there is no sign-in page to redirect to.",
            'urlpatterns += [path("auth/", include("django_ory.urls"))]',
        )


@rule("W005", "`LOGIN_URL` is not the app's sign-in page.")
def login_url(context: CheckContext) -> Iterator[Finding]:
    ours, current = url_path("ory:login"), str(settings.LOGIN_URL)
    if context.has_kratos and ours and ours != login_path():
        yield Finding(
            f"LOGIN_URL is {current!r}: login_required does not redirect to the sign-in page of Ory.",
            'LOGIN_URL = "ory:login"',
        )


@rule("W012", '"Log out" in the Django admin does not end the Kratos session.')
def admin_logout(context: CheckContext) -> Iterator[Finding]:
    if not (apps.is_installed("django.contrib.admin") and url_path("admin:logout") and url_path("ory:login")):
        return
    if not context.has_kratos:
        return
    from django.contrib import admin  # its models must be installed

    if getattr(admin.site.logout, "__func__", None) is admin.AdminSite.logout:
        yield Finding(
            '"Log out" in the Django admin does not end the Kratos session: '
            "a user who signed in through Kratos stays signed in.",
            "In the URLconf: admin.site.logout = secure_admin_logout(admin.site.logout)  "
            "# from django_ory.decorators",
        )


@project_rule("E012", "No trait fills the username field of the user model.")
def username_field(project: OrySettings) -> Iterator[Finding]:
    name = get_user_model().USERNAME_FIELD
    field = get_user_model()._meta.get_field(name)
    has_fallback = isinstance(field, CharField) and not isinstance(field, EmailField)
    if project.create_users and name not in project.user_fields and not has_fallback:
        problem = f"has no entry for {name}, the username field of the user model: new users cannot sign in."
        yield setting_finding(project, "USER_FIELDS", problem, f'{{"{name}": "email"}}')


@rule("W011", "`USER_FIELDS` names a field that the user model lacks or that no trait may fill.")
def unknown_user_fields(context: CheckContext) -> Iterator[Finding]:
    model = get_user_model()
    existing = {field.name for field in model._meta.get_fields()}
    possible = [name for name in sorted(existing) if get_user_field(model, name)]
    for project in context.projects:
        if "USER_FIELDS" not in context.raw[project.alias]:
            continue  # some user models lack fields of the default
        for name in project.user_fields:
            if name in PROTECTED_FIELDS or get_user_field(model, name) is not None:
                continue
            others = {key: path for key, path in project.user_fields.items() if key != name}
            near = [] if name in existing else difflib.get_close_matches(str(name), possible, n=1)
            fields = {**others, near[0]: project.user_fields[name]} if near else others
            problem = (
                f"names {name!r}, which is ignored: the user model has no field of this name that a trait "
                "may fill (files, relations and keys are excluded)."
            ) + (f' Did you mean "{near[0]}"?' if near else "")
            yield setting_finding(project, "USER_FIELDS", problem, repr(fields))


@project_rule("W006", "Sessions are cached in a cache that processes do not share.")
def process_local_cache(project: OrySettings) -> Iterator[Finding]:
    policies = (project.when_unavailable_safe, project.when_unavailable_unsafe)
    if (project.session_cache_seconds or "stale" in policies) and has_process_local_cache(project):
        yield Finding(
            f"{setting_path(project.alias)} caches sessions in a cache that each process has for itself: "
            "a user who signs out stays signed in in the other processes.",
            SHARED_CACHE,
        )


def has_process_local_cache(project: OrySettings) -> bool:
    """Return whether each process has the cache of a project for itself."""
    return settings.CACHES.get(project.session_cache_alias, {}).get("BACKEND") in PROCESS_LOCAL_CACHES


@rule("E013", "A host belongs to two projects, or a project has no host.")
def hosts(context: CheckContext) -> Iterator[Finding]:
    # The order of OryAdapter.resolve_alias: the first match counts.
    projects = sorted(context.projects, key=lambda project: (project.alias != DEFAULT_ALIAS, project.alias))
    for index, project in enumerate(projects):
        for host in filter(_can_match, project.hosts):
            for owner in projects[:index]:
                if validate_host(host.lower(), filter(_can_match, owner.hosts)):
                    yield Finding(
                        f"{setting_path(project.alias, 'HOSTS')} has {host}, which is ignored: the host "
                        f"belongs to {setting_path(owner.alias)}.",
                        f"Remove it there, or set {setting_line(owner.alias, 'HOSTS', '[...]')} without it.",
                    )
    if len(projects) < 2 or not _resolves_by_hosts(projects[0]):
        return
    for project in projects:
        if project.alias != DEFAULT_ALIAS and not project.hosts:
            value = f'["{project.alias}.example.org"]  # or override OryAdapter.resolve_alias'
            yield setting_finding(project, "HOSTS", "is empty: no request uses this project.", value)


@project_rule("E014", "An entry in `HOSTS` is not a host name, so no request matches.")
def invalid_hosts(project: OrySettings) -> Iterator[Finding]:
    for host in project.hosts:
        if not _can_match(host):
            problem = (
                f"has {host!r}, which matches no request. Use host names, without scheme, port and path."
            )
            value = '["shop.example.org"]  # or ".example.org" for all subdomains'
            yield setting_finding(project, "HOSTS", problem, value)


def _can_match(host: Any) -> bool:
    """Return whether ``resolve_alias`` can match: "*", or a host in Django's normal form."""
    return host == "*" or (
        isinstance(host, str) and bool(host) and split_domain_port(host) == (host.lower(), "")
    )


def _resolves_by_hosts(project: OrySettings) -> bool:
    adapters = import_classes([project.adapter])
    return not adapters or getattr(adapters[0], "resolve_alias", None) is OryAdapter.resolve_alias


@project_rule("W007", "Kratos and this site share no domain, so they share no cookie.")
def shared_cookies(project: OrySettings) -> Iterator[Finding]:
    ours = [host for host in settings.ALLOWED_HOSTS if host not in ("*", TEST_HOST)]
    kratos = split_url(project.kratos_browser_url).hostname
    if kratos and ours and not any(_share_cookies(kratos, host) for host in ours):
        yield Finding(
            f"Kratos ({kratos}) and this site ({', '.join(ours)}) share no domain: this site does not get "
            "the session cookie of Kratos, so all requests are anonymous.",
            setting_line(
                project.alias,
                "KRATOS_BROWSER_URL",
                f'"https://auth.{ours[0].lstrip(".")}"  # or correct ALLOWED_HOSTS',
            ),
        )


def _share_cookies(one: str, other: str) -> bool:
    one, other = one.lower(), other.lower().lstrip(".")
    if one == other:
        return True
    parts, others = one.split("."), other.split(".")
    if len(parts) < 2 or len(others) < 2 or parts[-1].isdecimal() or others[-1].isdecimal():
        return False  # a name without a dot and an IP address have no subdomains
    return parts[-2:] == others[-2:]


@project_rule("W008", "`SDK_URL` is set, `API_KEY` is not.")
def no_api_key(project: OrySettings) -> Iterator[Finding]:
    if project.sdk_url and not project.api_key:
        problem = (
            "is not set: Ory Network rejects calls of the admin API without it. Identities cannot be synced, "
            "and the pages of the OAuth2 provider fail."
        )
        yield setting_finding(project, "API_KEY", problem, 'os.environ["ORY_API_KEY"]')


@project_rule("W009", "`HYDRA_ADMIN_URL` is set, `HYDRA_PUBLIC_URL` is not.")
def no_hydra_public_url(project: OrySettings) -> Iterator[Finding]:
    if project.hydra_admin_url and not project.hydra_public_url and not project.hydra_browser_url:
        problem = "is not set: the pages of the OAuth2 provider do not redirect to a Hydra of unknown URL."
        yield setting_finding(project, "HYDRA_PUBLIC_URL", problem, '"http://localhost:4444"')


@project_rule("I001", "`KRATOS_ADMIN_URL` is not set.")
def no_kratos_admin_url(project: OrySettings) -> Iterator[Finding]:
    if project.kratos_public_url and not project.kratos_admin_url:
        problem = "is not set: identities cannot be synced or managed."
        yield setting_finding(project, "KRATOS_ADMIN_URL", problem, '"http://localhost:4434"')


@project_rule("I002", "`HYDRA_PUBLIC_URL` is set, `HYDRA_ADMIN_URL` is not.")
def no_hydra_admin_url(project: OrySettings) -> Iterator[Finding]:
    if project.hydra_public_url and not project.hydra_admin_url:
        problem = "is not set: the pages of the OAuth2 provider return 404."
        yield setting_finding(project, "HYDRA_ADMIN_URL", problem, '"http://localhost:4445"')
