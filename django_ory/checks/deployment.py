"""Rules for production: ``manage.py check --deploy``."""

from __future__ import annotations

from collections.abc import Iterator

from django_ory.conf import OrySettings
from django_ory.http.redirects import split_url

from .rules import Finding, project_rule, setting_finding, setting_line, setting_path


@project_rule("W101", "Browsers use Kratos or Hydra over http.", deploy=True)
def plain_http(project: OrySettings) -> Iterator[Finding]:
    for key in ("KRATOS_BROWSER_URL", "HYDRA_BROWSER_URL"):
        value = getattr(project, key.lower())
        if split_url(value).scheme == "http":
            problem = f"is {value}: browsers send passwords and cookies unencrypted."
            yield setting_finding(project, key, problem, f'"https{value[4:]}"')


@project_rule("W102", "`API_KEY` is sent over http.", deploy=True)
def unencrypted_api_key(project: OrySettings) -> Iterator[Finding]:
    urls = (project.kratos_admin_url, project.hydra_admin_url, project.keto_write_url, project.console_url)
    if project.api_key and any(split_url(url).scheme == "http" for url in urls):
        yield Finding(
            f"{setting_path(project.alias, 'API_KEY')} is sent unencrypted, over http.",
            setting_line(project.alias, "SDK_URL", '"https://<slug>.projects.oryapis.com"'),
        )


@project_rule("W103", "Browsers can reach an admin API.", deploy=True)
def exposed_admin(project: OrySettings) -> Iterator[Finding]:
    for service in ("kratos", "hydra"):
        admin, browser = getattr(project, f"{service}_admin_url"), getattr(project, f"{service}_browser_url")
        same_host = split_url(admin).netloc == split_url(browser).netloc
        if admin and same_host and not project.api_key and admin != project.sdk_url:
            problem = (
                "has the host and port that browsers use. The admin API needs no password and allows "
                "everything, so it must be reachable from the internal network only."
            )
            key = f"{service.upper()}_ADMIN_URL"
            yield setting_finding(project, key, problem, f'"http://{service}-admin.internal"')


@project_rule(
    "W104", "Forms of signed-in users are handled as anonymous while Kratos is unavailable.", deploy=True
)
def unsafe_anonymous(project: OrySettings) -> Iterator[Finding]:
    if project.when_unavailable_unsafe == "anonymous":
        problem = 'is "anonymous": forms of signed-in users are handled as anonymous while Kratos is down.'
        yield setting_finding(project, "WHEN_UNAVAILABLE_UNSAFE", problem, '"error"')


@project_rule("W105", "`ALLOWED_RETURN_HOSTS` has an entry that is not a host name.", deploy=True)
def invalid_return_hosts(project: OrySettings) -> Iterator[Finding]:
    for host in project.allowed_return_hosts:
        if "*" in str(host) or "/" in str(host):
            problem = f"has {host!r}, which matches no host. Use host names, without wildcards."
            yield setting_finding(project, "ALLOWED_RETURN_HOSTS", problem, '["shop.example.org"]')
