"""Rules about closed sign-up, and about the pages that delete an account and download its data."""

from __future__ import annotations

from collections.abc import Iterator

from django_ory.conf import OrySettings
from django_ory.mirror.webhooks.notifications import HOOK_SECRET_HEADER

from .endpoints import PostEndpoint
from .rules import Finding, project_rule, setting_finding
from .settings import EXAMPLES

HOOK = PostEndpoint(
    view_name="invitation_hook",
    secret_header=HOOK_SECRET_HEADER,
    secrets_key="INVITATION_SECRETS",
    url_key="INVITATION_HOOK_URL",
)


@project_rule("E033", "An entry of `INVITATION_SECRETS` is too short.")
def short_invitation_secrets(project: OrySettings) -> Iterator[Finding]:
    return HOOK.find_short_secrets(project)


@project_rule("E034", "`INVITATION_HOOK_URL` is set, `INVITATION_SECRETS` is not.")
def hook_without_secret(project: OrySettings) -> Iterator[Finding]:
    return HOOK.find_url_without_secret(project, "the sign-up is open on this site.")


@project_rule("W033", "Kratos cannot post sign-ups to `INVITATION_HOOK_URL`, or the endpoint has no URL.")
def unreachable_hook(project: OrySettings) -> Iterator[Finding]:
    consequence = f"Kratos cannot check invitations of project {project.alias}, so each sign-up fails"
    return HOOK.find_unreachable(project, consequence)


@project_rule("W034", "A page of the account or a web hook needs `KRATOS_ADMIN_URL`.")
def account_pages_without_admin_url(project: OrySettings) -> Iterator[Finding]:
    names = [
        *("ACCOUNT_DELETION", "DATA_DOWNLOAD", "INVITATION_SECRETS", "PASSWORD_MIGRATION_SECRETS"),
        "WEBHOOK_SECRETS",
    ]
    used = [name for name in names if getattr(project, name.lower())]
    if used and not project.kratos_admin_url:
        problem = f"is not set, so {' and '.join(used)} cannot work."
        yield setting_finding(project, "KRATOS_ADMIN_URL", problem, EXAMPLES["KRATOS_ADMIN_URL"])


@project_rule("W133", "Kratos posts sign-ups over http to a public host.", deploy=True)
def plain_hook(project: OrySettings) -> Iterator[Finding]:
    return HOOK.find_plain_http(project, "the traits of new accounts are sent unencrypted.")
