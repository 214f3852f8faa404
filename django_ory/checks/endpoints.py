"""The common part of the rules about an endpoint for posts of a server: its secrets and its URL."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from django_ory.conf import OrySettings
from django_ory.http.redirects import split_url
from django_ory.http.server_posts import parse_network

from .rules import Finding, setting_finding, setting_line, setting_path
from .settings import EXAMPLES

MIN_SECRET_LENGTH = 16
#: Ends of host names that are not on the internet.
INTERNAL_ENDINGS = (".internal", ".local", ".localhost", ".lan", ".home.arpa", ".svc", ".test")
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, kw_only=True)
class PostEndpoint:
    """An endpoint, and the two settings about it. It is off without secrets."""

    view_name: str  #: in the namespace ``ory``
    secret_header: str  #: the header with the secret
    secrets_key: str  #: the setting with the secrets
    url_key: str  #: the setting with the URL for the server
    server: Literal["kratos", "hydra"] = "kratos"  #: that posts

    def find_short_secrets(self, project: OrySettings) -> Iterator[Finding]:
        """Yield a finding if a secret is too short."""
        return find_short_secrets(project, self.secrets_key)

    def find_url_without_secret(self, project: OrySettings, consequence: str) -> Iterator[Finding]:
        """Yield a finding if only the URL is set. ``consequence``: the end of its sentence."""
        if self._get_url(project) and not self._get_secrets(project):
            line = setting_line(project.alias, self.secrets_key, EXAMPLES[self.secrets_key])
            yield Finding(
                f"{setting_path(project.alias, self.url_key)} is set, but {self.secrets_key} is not: the "
                f"endpoint is off, and {consequence}",
                f"{line}  # the value of {self.secret_header}",
            )

    def find_unreachable(self, project: OrySettings, consequence: str) -> Iterator[Finding]:
        """Yield a finding if the server cannot post here. ``consequence``: the start of its sentence."""
        if self._get_secrets(project) and (problem := self._find_problem(project)):
            yield Finding(
                f"{consequence}: {problem}.",
                setting_line(project.alias, self.url_key, EXAMPLES[self.url_key]),
            )

    def find_plain_http(self, project: OrySettings, consequence: str) -> Iterator[Finding]:
        """Yield a finding if the server posts over http to a host on the internet."""
        parts = split_url(self._get_url(project))
        is_public = parts.scheme == "http" and parts.hostname and not _is_internal(parts.hostname)
        if self._get_secrets(project) and is_public:
            problem = f"is http://{parts.hostname}...: {consequence}"
            yield setting_finding(project, self.url_key, problem, EXAMPLES[self.url_key])

    def _get_secrets(self, project: OrySettings) -> list[str]:
        secrets: list[str] = getattr(project, self.secrets_key.lower())
        return secrets

    def _get_url(self, project: OrySettings) -> str:
        url: str = getattr(project, self.url_key.lower())
        return url

    def _get_server_url(self, project: OrySettings) -> str:
        urls = [getattr(project, f"{self.server}_{side}_url") for side in ("admin", "public")]
        return next(filter(None, urls), "")

    def _find_problem(self, project: OrySettings) -> str:
        """Return the reason why the server cannot post to the endpoint, or ""."""
        try:
            path = reverse(f"ory:{self.view_name}", args=[project.alias])
        except (NoReverseMatch, ImportError, ImproperlyConfigured):
            return "the URLconf does not include django_ory.urls"
        url = split_url(self._get_url(project))
        if not url.hostname:
            return ""
        if not _leads_to(self.view_name, url.path):
            return f"the path of {self.url_key} is not that of the endpoint, {path}"
        if not validate_host(url.hostname, settings.ALLOWED_HOSTS) and settings.ALLOWED_HOSTS:
            return f"{url.hostname} is not in ALLOWED_HOSTS, so Django answers 400"
        if url.scheme == "http" and _is_redirected(url.path):
            return "SECURE_SSL_REDIRECT redirects http to https, and a redirect loses the post"
        admin_host = split_url(self._get_server_url(project)).hostname
        if url.hostname in LOCAL_HOSTS and admin_host and admin_host not in LOCAL_HOSTS:
            title = self.server.capitalize()
            return f"{title} runs on {admin_host}, where {url.hostname} is another machine than here"
        return ""


def find_short_secrets(project: OrySettings, key: str) -> Iterator[Finding]:
    """Yield a finding if an entry of a setting with secrets is too short."""
    if any(len(str(secret)) < MIN_SECRET_LENGTH for secret in getattr(project, key.lower())):
        problem = f"has an entry with fewer than {MIN_SECRET_LENGTH} characters, which can be guessed."
        yield setting_finding(project, key, problem, EXAMPLES[key])


def find_invalid_networks(project: OrySettings, key: str) -> Iterator[Finding]:
    """Yield a finding if entries of a setting with the addresses of a server are invalid."""
    invalid = [str(each) for each in getattr(project, key.lower()) if parse_network(each) is None]
    if invalid:
        problem = f"has entries that are not IP addresses or networks: {', '.join(invalid)}."
        yield setting_finding(project, key, problem, EXAMPLES[key])


def _leads_to(view_name: str, path: str) -> bool:
    try:
        return resolve(path).view_name == f"ory:{view_name}"
    except (Resolver404, ValueError):
        return False


def _is_redirected(path: str) -> bool:
    exempt = any(re.search(pattern, path.lstrip("/")) for pattern in settings.SECURE_REDIRECT_EXEMPT)
    return bool(settings.SECURE_SSL_REDIRECT and not exempt)


def _is_internal(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith(INTERNAL_ENDINGS)
