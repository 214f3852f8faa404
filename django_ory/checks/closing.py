"""Rules about closed sign-up, and about the pages that delete an account and download its data."""

from __future__ import annotations

from collections.abc import Iterator

from django_ory.conf import OrySettings
from django_ory.invitations.signups import HOOK_SECRET_HEADER

from .courier import MIN_SECRET_LENGTH, NEW_SECRET, find_endpoint_problem, find_public_http_host
from .rules import Finding, project_rule, setting_finding, setting_line, setting_path

EXAMPLE_HOOK_URL = '"https://www.example.org/auth/signup-hook/default/"'


@project_rule("E033", "An entry of `INVITATION_SECRETS` is too short.")
def short_invitation_secrets(project: OrySettings) -> Iterator[Finding]:
    if any(len(str(secret)) < MIN_SECRET_LENGTH for secret in project.invitation_secrets):
        problem = f"has an entry with fewer than {MIN_SECRET_LENGTH} characters, which can be guessed."
        yield setting_finding(project, "INVITATION_SECRETS", problem, NEW_SECRET)


@project_rule("E034", "`INVITATION_HOOK_URL` is set, `INVITATION_SECRETS` is not.")
def hook_without_secret(project: OrySettings) -> Iterator[Finding]:
    if project.invitation_hook_url and not project.invitation_secrets:
        yield Finding(
            f"{setting_path(project.alias, 'INVITATION_HOOK_URL')} is set, but INVITATION_SECRETS is not: "
            "the endpoint is off, and the sign-up is open on this site.",
            f"{setting_line(project.alias, 'INVITATION_SECRETS', NEW_SECRET)}  "
            f"# the value of {HOOK_SECRET_HEADER}",
        )


@project_rule("W033", "Kratos cannot post sign-ups to `INVITATION_HOOK_URL`, or the endpoint has no URL.")
def unreachable_hook(project: OrySettings) -> Iterator[Finding]:
    url, name = project.invitation_hook_url, "INVITATION_HOOK_URL"
    if not project.invitation_secrets:
        return
    if problem := find_endpoint_problem(project, "invitation_hook", url, setting=name):
        yield Finding(
            f"Kratos cannot check invitations of project {project.alias}, so each sign-up fails: {problem}.",
            setting_line(project.alias, name, EXAMPLE_HOOK_URL),
        )


@project_rule("W034", "A page of the account needs `KRATOS_ADMIN_URL`.")
def account_pages_without_admin_url(project: OrySettings) -> Iterator[Finding]:
    names = ("ACCOUNT_DELETION", "DATA_DOWNLOAD", "INVITATION_SECRETS")
    used = [name for name in names if getattr(project, name.lower())]
    if used and not project.kratos_admin_url:
        problem = f"is not set, so {' and '.join(used)} cannot work."
        yield setting_finding(project, "KRATOS_ADMIN_URL", problem, '"http://localhost:4434"')


@project_rule("W133", "Kratos posts sign-ups over http to a public host.", deploy=True)
def plain_hook(project: OrySettings) -> Iterator[Finding]:
    host = find_public_http_host(project.invitation_hook_url)
    if project.invitation_secrets and host:
        problem = f"is http://{host}...: the traits of new accounts are sent unencrypted."
        yield setting_finding(project, "INVITATION_HOOK_URL", problem, EXAMPLE_HOOK_URL)
