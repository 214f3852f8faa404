"""System checks of this app. None opens a connection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from django_ory.conf import aliases, get_settings

from .middleware import ProviderLogoutMiddleware

PATH = "django_ory.relying_party.middleware.ProviderLogoutMiddleware"
SESSION_MIDDLEWARE = "django.contrib.sessions.middleware.SessionMiddleware"
AUTHENTICATION_MIDDLEWARE = "django.contrib.auth.middleware.AuthenticationMiddleware"


@checks.register("ory_relying_party")
def check_single_logout(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """Return a message for each missing part, without which users stay signed in after a logout."""
    return [*_check_settings(), *_check_project()]


def _check_settings() -> Iterator[checks.CheckMessage]:
    try:
        projects = [get_settings(alias) for alias in aliases()]
    except ImproperlyConfigured as error:
        yield checks.Error(str(error), id="ory_relying_party.E001")
        return
    if not any(each.logout_client_ids and each.oauth2_issuer for each in projects):
        yield checks.Error(
            "settings.ORY has no project with LOGOUT_CLIENT_IDS and HYDRA_PUBLIC_URL: every logout token is "
            "rejected.",
            hint='ORY["default"]["LOGOUT_CLIENT_IDS"] = ["<the id of the OAuth2 client of this site>"]',
            id="ory_relying_party.E002",
        )
    if find_spec("jwt") is None:
        yield checks.Error(
            "PyJWT is not installed: no logout token can be verified.",
            hint='python -m pip install "django-ory[jwt]"',
            id="ory_relying_party.E003",
        )


def _check_project() -> Iterator[checks.CheckMessage]:
    names = list(settings.MIDDLEWARE)
    position = next((number for number, name in enumerate(names) if _is_ours(name)), None)
    later = (
        set() if position is None else {SESSION_MIDDLEWARE, AUTHENTICATION_MIDDLEWARE} & set(names[position:])
    )
    if position is None or later:
        yield checks.Error(
            "ProviderLogoutMiddleware is missing in MIDDLEWARE, or before that of sessions or users. "
            "So a logout ends no session.",
            hint=f'MIDDLEWARE += ["{PATH}"]',
            id="ory_relying_party.E004",
        )
    try:
        reverse("ory_relying_party:backchannel_logout")
    except (NoReverseMatch, ImproperlyConfigured):
        yield checks.Warning(
            "The URLconf has no endpoint for logout tokens.",
            hint='path("oidc/", include("django_ory.relying_party.urls"))',
            id="ory_relying_party.W005",
        )


def _is_ours(name: str) -> bool:
    try:
        found = import_string(name)
    except ImportError:
        return False
    return isinstance(found, type) and issubclass(found, ProviderLogoutMiddleware)
