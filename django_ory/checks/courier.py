"""Rules about the endpoint for the mails and SMS of Kratos."""

from __future__ import annotations

import ipaddress
import re
import warnings
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from django_ory.conf import OrySettings
from django_ory.courier.messages import SECRET_HEADER
from django_ory.courier.rendering import MailTheme
from django_ory.http.redirects import split_url

from .project import SHARED_CACHE, has_process_local_cache
from .rules import Finding, project_rule, setting_finding, setting_line, setting_path

MIN_SECRET_LENGTH = 16
NEW_SECRET = '["<output of: openssl rand -hex 32>"]'
EXAMPLE_URL = '"https://www.example.org/auth/courier/default/"'
#: Kratos waits this long for an answer.
MAX_MAIL_SECONDS = 30
#: Ends of host names that are not on the internet.
INTERNAL_ENDINGS = (".internal", ".local", ".localhost", ".lan", ".home.arpa", ".svc", ".test")
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})|[a-z]+")


@project_rule("E030", "An entry of `COURIER_SECRETS` is too short.")
def short_courier_secrets(project: OrySettings) -> Iterator[Finding]:
    if any(len(str(secret)) < MIN_SECRET_LENGTH for secret in project.courier_secrets):
        problem = f"has an entry with fewer than {MIN_SECRET_LENGTH} characters, which can be guessed."
        yield setting_finding(project, "COURIER_SECRETS", problem, NEW_SECRET)


@project_rule("E031", "`COURIER_URL` is set, `COURIER_SECRETS` is not.")
def courier_without_secret(project: OrySettings) -> Iterator[Finding]:
    if project.courier_url and not project.courier_secrets:
        yield Finding(
            f"{setting_path(project.alias, 'COURIER_URL')} is set, but COURIER_SECRETS is not: the endpoint "
            "is off, and Kratos cannot deliver mails.",
            f"{setting_line(project.alias, 'COURIER_SECRETS', NEW_SECRET)}  # the value of {SECRET_HEADER}",
        )


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
    if not project.courier_secrets:
        return
    if problem := find_endpoint_problem(project, "courier", project.courier_url, setting="COURIER_URL"):
        yield Finding(
            f"Kratos cannot deliver mails of project {project.alias} to this site: {problem}.",
            setting_line(project.alias, "COURIER_URL", EXAMPLE_URL),
        )


def find_endpoint_problem(project: OrySettings, view_name: str, endpoint_url: str, *, setting: str) -> str:
    """Return the reason why Kratos cannot post to an endpoint of this site, or "".

    Args:
        project: the project.
        view_name: of the endpoint, in the namespace ``ory``.
        endpoint_url: the URL for Kratos; "" for that on the site.
        setting: the setting with this URL.
    """
    try:
        path = reverse(f"ory:{view_name}", args=[project.alias])
    except (NoReverseMatch, ImportError, ImproperlyConfigured):
        return "the URLconf does not include django_ory.urls"
    url = split_url(endpoint_url)
    if not url.hostname:
        return ""
    if not _leads_to(view_name, url.path):
        return f"the path of {setting} is not that of the endpoint, {path}"
    if not validate_host(url.hostname, settings.ALLOWED_HOSTS) and settings.ALLOWED_HOSTS:
        return f"{url.hostname} is not in ALLOWED_HOSTS, so Django answers 400"
    if url.scheme == "http" and _is_redirected(url.path):
        return "SECURE_SSL_REDIRECT redirects http to https, and a redirect loses the post"
    admin_host = split_url(project.kratos_admin_url or project.kratos_public_url).hostname
    if url.hostname in LOCAL_HOSTS and admin_host and admin_host not in LOCAL_HOSTS:
        return f"Kratos runs on {admin_host}, where {url.hostname} is another machine than here"
    return ""


def _leads_to(view_name: str, path: str) -> bool:
    try:
        return resolve(path).view_name == f"ory:{view_name}"
    except (Resolver404, ValueError):
        return False


def _is_redirected(path: str) -> bool:
    exempt = any(re.search(pattern, path.lstrip("/")) for pattern in settings.SECURE_REDIRECT_EXEMPT)
    return bool(settings.SECURE_SSL_REDIRECT and not exempt)


@project_rule("W130", "Kratos posts mails over http to a public host.", deploy=True)
def plain_courier(project: OrySettings) -> Iterator[Finding]:
    host = find_public_http_host(project.courier_url)
    if project.courier_secrets and host:
        problem = f"is http://{host}...: codes and links that sign in are sent unencrypted."
        yield setting_finding(project, "COURIER_URL", problem, EXAMPLE_URL)


def find_public_http_host(url: str) -> str:
    """Return the host of an http URL on the internet, or ""."""
    parts = split_url(url)
    is_public = parts.scheme == "http" and parts.hostname and not _is_internal(parts.hostname)
    return (parts.hostname or "") if is_public else ""


def _is_internal(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith(INTERNAL_ENDINGS)


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
