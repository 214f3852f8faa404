"""Rules for OAuth2 clients that register themselves."""

from __future__ import annotations

from collections.abc import Iterator

from django_ory.conf import OrySettings
from django_ory.provider.agents.policy import uses_authorization_front
from django_ory.provider.agents.redirect_uris import is_app_scheme

from .endpoints import find_short_secrets
from .rules import Finding, project_rule, setting_finding
from .settings import EXAMPLES

SELF_CHOSEN_AUTH_METHODS = ("none", "client_secret_basic", "client_secret_post")


@project_rule("E080", "OAuth2 clients register themselves, and `HYDRA_ADMIN_URL` is not set.")
def registration_without_hydra(project: OrySettings) -> Iterator[Finding]:
    if uses_authorization_front(project) and not project.hydra_admin_url:
        problem = "is not set, so clients cannot register themselves: the endpoints return 404."
        yield setting_finding(project, "HYDRA_ADMIN_URL", problem, EXAMPLES["HYDRA_ADMIN_URL"])


@project_rule("E081", "An entry of `OAUTH2_CLIENT_REDIRECT_SCHEMES` is not the scheme of an app.")
def invalid_schemes(project: OrySettings) -> Iterator[Finding]:
    invalid = [
        str(each) for each in project.oauth2_client_redirect_schemes if not is_app_scheme(str(each).lower())
    ]
    if invalid:
        problem = f"has entries that are not schemes of apps and are rejected: {', '.join(invalid)}."
        example = EXAMPLES["OAUTH2_CLIENT_REDIRECT_SCHEMES"]
        yield setting_finding(project, "OAUTH2_CLIENT_REDIRECT_SCHEMES", problem, example)


@project_rule("E082", "An entry of `OAUTH2_CLIENT_AUTH_METHODS` is not a method for a registration.")
def invalid_methods(project: OrySettings) -> Iterator[Finding]:
    methods = project.oauth2_client_auth_methods
    invalid = [str(each) for each in methods if each not in SELF_CHOSEN_AUTH_METHODS]
    if invalid:
        valid = ", ".join(SELF_CHOSEN_AUTH_METHODS)
        problem = f"has invalid entries: {', '.join(invalid)}. Valid ones are {valid}."
        yield setting_finding(project, "OAUTH2_CLIENT_AUTH_METHODS", problem, '["none"]')


@project_rule("E083", "An entry of `OAUTH2_CLIENT_REGISTRATION_TOKENS` is too short.")
def short_registration_tokens(project: OrySettings) -> Iterator[Finding]:
    return find_short_secrets(project, "OAUTH2_CLIENT_REGISTRATION_TOKENS")


@project_rule("E084", "An entry of `OAUTH2_CLIENT_DOCUMENT_HOSTS` is not a host.")
def invalid_document_hosts(project: OrySettings) -> Iterator[Finding]:
    hosts = [str(each) for each in project.oauth2_client_document_hosts]
    invalid = [host for host in hosts if not host or set(host) & set("/:@ ") or ("*" in host and host != "*")]
    if invalid:
        problem = f"has entries that match no host: {', '.join(map(repr, invalid))}."
        example = EXAMPLES["OAUTH2_CLIENT_DOCUMENT_HOSTS"]
        yield setting_finding(project, "OAUTH2_CLIENT_DOCUMENT_HOSTS", problem, example)
