"""Rules about the endpoint for the passwords of imported users."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

from django_ory.conf import OrySettings
from django_ory.mirror.password_hook import MIGRATION_SECRET_HEADER
from django_ory.mirror.password_hook.checking import parse_last_day

from .endpoints import PostEndpoint
from .rules import Finding, project_rule, setting_finding
from .settings import EXAMPLES

PASSWORD_MIGRATION = PostEndpoint(
    view_name="password_migration",
    secret_header=MIGRATION_SECRET_HEADER,
    secrets_key="PASSWORD_MIGRATION_SECRETS",
    url_key="PASSWORD_MIGRATION_URL",
)


@project_rule("E050", "An entry of `PASSWORD_MIGRATION_SECRETS` is too short.")
def short_migration_secrets(project: OrySettings) -> Iterator[Finding]:
    return PASSWORD_MIGRATION.find_short_secrets(project)


@project_rule("E051", "`PASSWORD_MIGRATION_URL` is set, `PASSWORD_MIGRATION_SECRETS` is not.")
def migration_without_secret(project: OrySettings) -> Iterator[Finding]:
    return PASSWORD_MIGRATION.find_url_without_secret(project, "imported users cannot sign in.")


@project_rule("E052", "`PASSWORD_MIGRATION_UNTIL` is missing, or not a date.")
def migration_without_end(project: OrySettings) -> Iterator[Finding]:
    if project.password_migration_secrets and parse_last_day(project.password_migration_until) is None:
        problem = "must be the last day of the migration. Until then every password is rejected."
        example = EXAMPLES["PASSWORD_MIGRATION_UNTIL"]
        yield setting_finding(project, "PASSWORD_MIGRATION_UNTIL", problem, example)


@project_rule("W050", "Kratos cannot post to `PASSWORD_MIGRATION_URL`, or the endpoint has no URL.")
def unreachable_migration(project: OrySettings) -> Iterator[Finding]:
    consequence = f"Kratos cannot check passwords of imported users of project {project.alias}"
    return PASSWORD_MIGRATION.find_unreachable(project, consequence)


@project_rule("W051", "The last day of the password migration is over.")
def ended_migration(project: OrySettings) -> Iterator[Finding]:
    last_day = parse_last_day(project.password_migration_until)
    if project.password_migration_secrets and last_day and last_day < timezone.localdate():
        problem = "is over, so each password is rejected. Remove migrate_hook from Kratos, too."
        yield setting_finding(project, "PASSWORD_MIGRATION_SECRETS", problem, "[]")


@project_rule("W150", "Kratos posts passwords over http to a public host.", deploy=True)
def plain_migration(project: OrySettings) -> Iterator[Finding]:
    return PASSWORD_MIGRATION.find_plain_http(project, "passwords are sent unencrypted.")
