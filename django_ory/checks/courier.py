"""Rules about the endpoint for the mails and SMS of Kratos."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from django.conf import settings

from django_ory.conf import OrySettings
from django_ory.courier.messages import SECRET_HEADER
from django_ory.courier.rendering import MailTheme
from django_ory.http.redirects import split_url

from .endpoints import PostEndpoint
from .project import SHARED_CACHE, has_process_local_cache
from .rules import Finding, project_rule, setting_finding, setting_path

#: Kratos waits this long for an answer.
MAX_MAIL_SECONDS = 30
COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})|[a-z]+")
COURIER = PostEndpoint(
    view_name="courier",
    secret_header=SECRET_HEADER,
    secrets_key="COURIER_SECRETS",
    url_key="COURIER_URL",
)


@project_rule("E030", "An entry of `COURIER_SECRETS` is too short.")
def short_courier_secrets(project: OrySettings) -> Iterator[Finding]:
    return COURIER.find_short_secrets(project)


@project_rule("E031", "`COURIER_URL` is set, `COURIER_SECRETS` is not.")
def courier_without_secret(project: OrySettings) -> Iterator[Finding]:
    return COURIER.find_url_without_secret(project, "Kratos cannot deliver mails.")


@project_rule("E032", "`COURIER_THEME` has an unknown key or an invalid value.")
def courier_theme(project: OrySettings) -> Iterator[Finding]:
    valid = [field.name for field in fields(MailTheme)]
    for key, value in project.courier_theme.items():
        if key not in valid:
            problem = f"has no key {key!r}. The keys are {', '.join(valid)}."
        elif not _is_theme_value(key, value):
            problem = f"has an invalid {key}: {value!r}."
        else:
            continue
        yield setting_finding(project, "COURIER_THEME", problem, '{"accent": "#3650d4"}')


def _is_theme_value(key: str, value: object) -> bool:
    if not isinstance(value, str):
        return False
    if key == "logo_url":
        return not value or (split_url(value).scheme in ("http", "https") and bool(split_url(value).hostname))
    return value.isdecimal() if key == "logo_width" else bool(COLOR.fullmatch(value))


@project_rule("W030", "Kratos cannot deliver mails to `COURIER_URL`, or the endpoint has no URL.")
def unreachable_courier(project: OrySettings) -> Iterator[Finding]:
    consequence = f"Kratos cannot deliver mails of project {project.alias} to this site"
    return COURIER.find_unreachable(project, consequence)


@project_rule("W130", "Kratos posts mails over http to a public host.", deploy=True)
def plain_courier(project: OrySettings) -> Iterator[Finding]:
    return COURIER.find_plain_http(project, "codes and links that sign in are sent unencrypted.")


@project_rule("W131", "Workers do not share the cache that recognizes repeated mails.", deploy=True)
def process_local_courier_cache(project: OrySettings) -> Iterator[Finding]:
    if project.courier_secrets and has_process_local_cache(project):
        yield Finding(
            f"{setting_path(project.alias)} recognizes repeated mails in a cache that each process has for "
            "itself: after a lost answer a mail can be sent twice.",
            SHARED_CACHE,
        )


@project_rule("W132", "Sending a mail may take longer than Kratos waits.", deploy=True)
def slow_courier_mail(project: OrySettings) -> Iterator[Finding]:
    if project.courier_secrets and (line := _find_slow_mailer()):
        yield Finding(
            f"Django waits longer for a mail server that hangs than Kratos: {MAX_MAIL_SECONDS} seconds.",
            line,
        )


def _find_slow_mailer() -> str:
    """Return the setting to add for an SMTP backend without a timeout, or ""."""
    backend: str | None
    timeout: float | None
    mailers: dict[str, dict[str, Any]] | None = getattr(settings, "MAILERS", None)
    if mailers is None:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", DeprecationWarning
            )  # of Django 6.1, about the settings before MAILERS
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            backend, timeout = settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT
        line = "EMAIL_TIMEOUT = 10"
    else:
        mailer = mailers.get("default", {})
        backend, timeout = mailer.get("BACKEND"), mailer.get("OPTIONS", {}).get("timeout")
        line = 'MAILERS["default"]["OPTIONS"]["timeout"] = 10'
    is_smtp = backend in (None, "django.core.mail.backends.smtp.EmailBackend")
    return line if is_smtp and not (timeout and timeout < MAX_MAIL_SECONDS) else ""
