"""Rules about the accounts of the OAuth2 provider."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.db.models import UUIDField
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.module_loading import import_string

from django_ory.adapter import OryAdapter
from django_ory.conf import OrySettings
from django_ory.http.redirects import split_url
from django_ory.user_subjects import MIN_SUBJECT_KEY_LENGTH

from .project import SHARED_CACHE, has_process_local_cache
from .rules import (
    CheckContext,
    Finding,
    login_path,
    project_rule,
    rule,
    setting_finding,
    setting_path,
    url_path,
)
from .settings import EXAMPLES

KRATOS_KEYS = ("KRATOS_PUBLIC_URL", "KRATOS_ADMIN_URL")


@rule("E060", "`OAUTH2_ACCOUNTS` contradicts the URLs of Kratos.")
def accounts_and_kratos(context: CheckContext) -> Iterator[Finding]:
    for project in context.projects:
        if project.oauth2_accounts == "django":
            for key in ("SDK_URL", *KRATOS_KEYS):
                if context.raw[project.alias].get(key):
                    yield Finding(
                        f'{setting_path(project.alias, "OAUTH2_ACCOUNTS")} is "django", but {key} is set: a '
                        "user could have two subjects.",
                        f"Remove {key} (HYDRA_PUBLIC_URL and HYDRA_ADMIN_URL are enough), or use a second "
                        "project of settings.ORY for this provider.",
                    )
        elif "OAUTH2_ACCOUNTS" in context.raw[project.alias]:
            for key in KRATOS_KEYS:
                if not getattr(project, key.lower()):
                    problem = f'is not set, but OAUTH2_ACCOUNTS is "{project.oauth2_accounts}".'
                    yield setting_finding(project, key, problem, EXAMPLES[key])


@project_rule(
    "E061", "The subjects of Django users cannot be made: `OAUTH2_SUBJECT_KEY` is missing or short."
)
def no_subject_key(project: OrySettings) -> Iterator[Finding]:
    if project.oauth2_accounts != "django" or _overrides(project, "get_user_subject"):
        return
    is_uuid = isinstance(get_user_model()._meta.pk, UUIDField)
    if not is_uuid and len(project.oauth2_subject_key) < MIN_SUBJECT_KEY_LENGTH:
        problem = f"needs at least {MIN_SUBJECT_KEY_LENGTH} characters, and must never change afterwards."
        yield setting_finding(project, "OAUTH2_SUBJECT_KEY", problem, EXAMPLES["OAUTH2_SUBJECT_KEY"])


@project_rule("E062", "`LOGIN_URL` is the sign-in page of Kratos, but the provider has Django users.")
def login_url_of_kratos(project: OrySettings) -> Iterator[Finding]:
    if project.oauth2_accounts != "django":
        return
    ours, current = url_path("ory:login"), str(settings.LOGIN_URL)
    if ours and ours == login_path():
        yield Finding(
            f'LOGIN_URL is {current!r}, the sign-in page of Kratos, but OAUTH2_ACCOUNTS is "django": users '
            "cannot sign in to other apps.",
            'LOGIN_URL = "login"  # of django.contrib.auth.urls, or your own page',
        )


@project_rule("W062", "`LOGIN_URL` is no page of the site, but the provider has Django users.")
def login_url_without_page(project: OrySettings) -> Iterator[Finding]:
    if project.oauth2_accounts == "django" and not _has_page(str(settings.LOGIN_URL)):
        yield Finding(
            f"LOGIN_URL is {str(settings.LOGIN_URL)!r}, which is not in the URLconf, but OAUTH2_ACCOUNTS is "
            '"django": a sign-in for another app ends with an error page.',
            'LOGIN_URL = "login"  # of path("accounts/", include("django.contrib.auth.urls"))',
        )


def _has_page(url: str) -> bool:
    """Return whether a path or a URL name leads to a page. Those of other hosts and broken URLconfs do."""
    if url.startswith(("http:", "https:", "//")):
        return True
    try:
        resolve(split_url(url).path if url.startswith("/") else reverse(url))
    except (Resolver404, NoReverseMatch):
        return False
    except (ImportError, ImproperlyConfigured):
        return True  # Django reports the URLconf
    return True


@project_rule("E063", "The adapter changes what Kratos decides with `OAUTH2_ACCOUNTS` `kratos_native`.")
def native_subjects(project: OrySettings) -> Iterator[Finding]:
    for name in ("get_subject", "get_acr_values"):
        if project.oauth2_accounts == "kratos_native" and _overrides(project, name):
            yield Finding(
                f"{setting_path(project.alias, 'ADAPTER')} overrides {name}, but OAUTH2_ACCOUNTS is "
                '"kratos_native": Kratos accepts logins with the id of the identity and without acr.',
                f'Remove {name}, or set OAUTH2_ACCOUNTS to "kratos".',
            )


@project_rule("W160", "Workers do not share the cache that limits attempts at the provider.", deploy=True)
def process_local_attempts(project: OrySettings) -> Iterator[Finding]:
    if project.hydra_admin_url and url_path("ory:oauth2_device") and has_process_local_cache(project):
        yield Finding(
            f"{setting_path(project.alias)} counts attempts, such as codes of devices and registrations, in "
            "a cache that each process has for itself: each process allows the full number.",
            SHARED_CACHE,
        )


def _overrides(project: OrySettings, name: str) -> bool:
    """Return whether the adapter overrides a method. E008 reports an adapter that cannot be imported."""
    try:
        adapter: Any = import_string(project.adapter)
    except (ImportError, ImproperlyConfigured):
        return False
    return getattr(adapter, name, None) is not getattr(OryAdapter, name)
