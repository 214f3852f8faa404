"""Rules about the endpoint for the web hooks of Kratos, and about the addresses that Kratos posts from."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.exceptions import ImproperlyConfigured

from django_ory.conf import OrySettings
from django_ory.mirror.webhooks.notifications import HOOK_SECRET_HEADER
from django_ory.validation.submissions import has_own_method

from .endpoints import PostEndpoint, find_invalid_networks
from .rules import Finding, project_rule, setting_finding
from .settings import EXAMPLES

WEBHOOK = PostEndpoint(
    view_name="kratos_hook",
    secret_header=HOOK_SECRET_HEADER,
    secrets_key="WEBHOOK_SECRETS",
    url_key="WEBHOOK_URL",
)


@project_rule("E035", "An entry of `WEBHOOK_SECRETS` is too short.")
def short_webhook_secrets(project: OrySettings) -> Iterator[Finding]:
    return WEBHOOK.find_short_secrets(project)


@project_rule("E036", "`WEBHOOK_URL` is set, `WEBHOOK_SECRETS` is not.")
def webhook_without_secret(project: OrySettings) -> Iterator[Finding]:
    return WEBHOOK.find_url_without_secret(project, "rows are only updated by syncs.")


@project_rule("E037", "An entry of `KRATOS_NETWORKS` is not an IP address or network.")
def invalid_networks(project: OrySettings) -> Iterator[Finding]:
    return find_invalid_networks(project, "KRATOS_NETWORKS")


@project_rule("W035", "Kratos cannot post web hooks to `WEBHOOK_URL`, or the endpoint has no URL.")
def unreachable_webhook(project: OrySettings) -> Iterator[Finding]:
    consequence = f"Kratos cannot report changes of identities of project {project.alias}"
    return WEBHOOK.find_unreachable(project, consequence)


@project_rule("W036", "The adapter validates forms, but Kratos does not ask without `WEBHOOK_SECRETS`.")
def validation_without_secret(project: OrySettings) -> Iterator[Finding]:
    methods = ["validate_settings", *([] if project.invitation_secrets else ["validate_registration"])]
    try:
        own = [name for name in methods if has_own_method(project, name)]
    except (AttributeError, ImportError, ImproperlyConfigured):
        return  # E003 reports a value that is not a text, E008 an adapter that cannot be imported
    if own and not project.webhook_secrets:
        problem = f"is not set, so Kratos does not call {' and '.join(sorted(own))} of the adapter."
        yield setting_finding(project, "WEBHOOK_SECRETS", problem, EXAMPLES["WEBHOOK_SECRETS"])


@project_rule("W134", "Kratos posts web hooks over http to a public host.", deploy=True)
def plain_webhook(project: OrySettings) -> Iterator[Finding]:
    return WEBHOOK.find_plain_http(project, "the secret is sent unencrypted.")
