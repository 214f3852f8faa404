"""Rules about the endpoint for the token hooks of Hydra, and about the addresses that Hydra posts from."""

from __future__ import annotations

from collections.abc import Iterator

from django_ory.conf import OrySettings
from django_ory.provider.token_hook import TOKEN_HOOK_SECRET_HEADER

from .endpoints import PostEndpoint, find_invalid_networks
from .rules import Finding, project_rule, setting_finding
from .settings import EXAMPLES

TOKEN_HOOK = PostEndpoint(
    view_name="token_hook",
    secret_header=TOKEN_HOOK_SECRET_HEADER,
    secrets_key="TOKEN_HOOK_SECRETS",
    url_key="TOKEN_HOOK_URL",
    server="hydra",
)


@project_rule("E070", "An entry of `TOKEN_HOOK_SECRETS` is too short.")
def short_token_hook_secrets(project: OrySettings) -> Iterator[Finding]:
    return TOKEN_HOOK.find_short_secrets(project)


@project_rule("E071", "`TOKEN_HOOK_URL` is set, `TOKEN_HOOK_SECRETS` is not.")
def token_hook_without_secret(project: OrySettings) -> Iterator[Finding]:
    return TOKEN_HOOK.find_url_without_secret(project, "deactivated users keep their refresh tokens.")


@project_rule("E072", "An entry of `HYDRA_NETWORKS` is not an IP address or network.")
def invalid_hydra_networks(project: OrySettings) -> Iterator[Finding]:
    return find_invalid_networks(project, "HYDRA_NETWORKS")


@project_rule("W070", "Hydra cannot post to `TOKEN_HOOK_URL`, or the endpoint has no URL.")
def unreachable_token_hook(project: OrySettings) -> Iterator[Finding]:
    consequence = f"Hydra of project {project.alias} cannot issue tokens"
    return TOKEN_HOOK.find_unreachable(project, consequence)


@project_rule("W071", "`TOKEN_HOOK_SECRETS` is set, and the accounts cannot be read.")
def token_hook_without_accounts(project: OrySettings) -> Iterator[Finding]:
    if project.token_hook_secrets and project.oauth2_accounts != "django" and not project.kratos_admin_url:
        problem = "is not set: ory:token_hook cannot check accounts, so Hydra issues no tokens to users."
        yield setting_finding(project, "KRATOS_ADMIN_URL", problem, EXAMPLES["KRATOS_ADMIN_URL"])


@project_rule("W170", "Hydra posts claims over http to a public host.", deploy=True)
def plain_token_hook(project: OrySettings) -> Iterator[Finding]:
    return TOKEN_HOOK.find_plain_http(project, "the secret and the claims of users are sent unencrypted.")
