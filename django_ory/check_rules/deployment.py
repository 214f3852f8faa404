"""Rules for production: ``manage.py check --deploy``."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .rule import Finding, Rule, Site, at, paste

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RULES"]


def plain_http(site: Site) -> Iterator[Finding]:
    for project in site.projects:
        for key in ("KRATOS_BROWSER_URL", "HYDRA_BROWSER_URL"):
            value = getattr(project, key.lower())
            if urlsplit(value).scheme == "http":
                yield Finding(
                    f"{at(project, key)} is {value}: browsers send passwords and cookies there in the clear.",
                    paste(project.alias, key, f'"https{value[4:]}"'),
                )


def key_in_the_clear(site: Site) -> Iterator[Finding]:
    for project in site.projects:
        admin = (
            project.kratos_admin_url,
            project.hydra_admin_url,
            project.keto_write_url,
            project.console_url,
        )
        if project.api_key and any(urlsplit(url).scheme == "http" for url in admin):
            yield Finding(
                f"{at(project, 'API_KEY')} is sent over http://.",
                paste(project.alias, "SDK_URL", '"https://<slug>.projects.oryapis.com"'),
            )


def exposed_admin(site: Site) -> Iterator[Finding]:
    for project in site.projects:
        for service in ("kratos", "hydra"):
            admin, browser = (
                getattr(project, f"{service}_admin_url"),
                getattr(project, f"{service}_browser_url"),
            )
            same_place = urlsplit(admin).netloc == urlsplit(browser).netloc and admin and not project.api_key
            if same_place and admin != project.sdk_url:
                yield Finding(
                    f"{service.capitalize()}'s admin API has the address that browsers use. "
                    "Who reaches it can do anything, and it asks for no password.",
                    paste(
                        project.alias, f"{service.upper()}_ADMIN_URL", f'"http://{service}-admin.internal"'
                    ),
                )


def unsafe_as_strangers(site: Site) -> Iterator[Finding]:
    for project in site.projects:
        if project.when_unavailable_unsafe == "anonymous":
            yield Finding(
                f'{at(project, "WHEN_UNAVAILABLE_UNSAFE")} is "anonymous": while Kratos is down, '
                "forms of signed-in people are taken as a stranger's.",
                paste(project.alias, "WHEN_UNAVAILABLE_UNSAFE", '"error"'),
            )


def loose_hosts(site: Site) -> Iterator[Finding]:
    for project in site.projects:
        for host in project.allowed_return_hosts:
            if "*" in str(host) or "/" in str(host):
                yield Finding(
                    f"{at(project, 'ALLOWED_RETURN_HOSTS')} has {host!r}; host names only, and no wildcards.",
                    paste(project.alias, "ALLOWED_RETURN_HOSTS", '["shop.example.org"]'),
                )


RULES = (
    Rule(id="W101", about="Browsers reach Kratos or Hydra over http.", find=plain_http, deploy=True),
    Rule(id="W102", about="`API_KEY` is sent over http.", find=key_in_the_clear, deploy=True),
    Rule(
        id="W103", about="The admin API has the address that browsers use.", find=exposed_admin, deploy=True
    ),
    Rule(
        id="W104",
        about="While Kratos is down, forms of signed-in people are taken as a stranger's.",
        find=unsafe_as_strangers,
        deploy=True,
    ),
    Rule(id="W105", about="`ALLOWED_RETURN_HOSTS` has more than host names.", find=loose_hosts, deploy=True),
)
