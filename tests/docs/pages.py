"""The table of the pages that are run. The conventions are in CONTRIBUTING.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.live.services import build_nginx_head, build_nginx_paths

__all__ = ["OWN_TESTS", "PAGES", "Page"]


@dataclass(frozen=True, kw_only=True)
class Page:
    """How a page is run.

    Args:
        continues: the page whose project this page continues, as the page itself states in its first lines.
        servers: whether the reader has a Kratos and a Hydra that the page does not start.
        programs: whether the reader has the programs ``kratos`` and ``hydra``, nginx, and a PostgreSQL.
        kept_ports: ports of the page that stay, because nothing listens there.
        replace: texts of the page to change everywhere.
        environment: variables for the commands.
        elsewhere: commands that another test runs -> this test, which names the command or the page.
            Environments of tox are in tox.ini.
    """

    continues: str = ""
    servers: bool = False
    programs: bool = False
    kept_ports: tuple[int, ...] = ()
    replace: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)


PROVIDER, AUTHLIB, MCP = "docs/guides/provider.md", "docs/guides/authlib.md", "docs/guides/mcp.md"
#: The site has https at another port than 443, no entry in the DNS, and its files in a private folder.
PRODUCTION = {
    "https://www.example.org": "https://www.example.org:8443",
    "https://auth.example.org": "https://auth.example.org:8443",
    "ory_secrets deploy/secrets": "ory_secrets deploy/secrets --database-port 5432",
    "ory_config nginx": "ory_config nginx --site-address 127.0.0.1:8000",
    "curl --cacert": (
        "command curl --silent --show-error --retry 60 --retry-delay 1 --retry-connrefused "
        "--connect-to ::127.0.0.1:8443 --cacert"
    ),
    "events {}": build_nginx_head(),
    "include site.conf;": f"{build_nginx_paths()}include site.conf;",
    "smtps://user:password@mail.example.org:465/": "smtp://127.0.0.1:1025/?disable_starttls=true",
}

PAGES: dict[str, Page] = {
    "CONTRIBUTING.md": Page(elsewhere={"python -m pip install tox && python -m tox run": ".ci/run"}),
    "README.md": Page(
        servers=True,
        elsewhere={
            "python -m pip install tox && python -m tox run": ".ci/run",
            "python -m pip install tox && python -m tox run -e demo": "tox.ini",
        },
    ),
    "docs/concepts.md": Page(servers=True),
    "docs/guides/admin.md": Page(servers=True),
    "docs/guides/apis.md": Page(),
    "docs/guides/async.md": Page(continues="docs/quickstart.md", servers=True),
    "docs/guides/availability.md": Page(continues="docs/quickstart.md"),
    "docs/guides/client.md": Page(servers=True),
    "docs/guides/closing.md": Page(continues="docs/quickstart.md", servers=True),
    "docs/guides/devstack.md": Page(continues="docs/quickstart.md"),
    "docs/guides/existing-users.md": Page(continues="docs/quickstart.md", servers=True),
    "docs/guides/from-ory-client.md": Page(servers=True),
    "docs/guides/identities.md": Page(continues="docs/guides/admin.md", servers=True),
    "docs/guides/identity-pages.md": Page(continues="docs/guides/admin.md", servers=True),
    "docs/guides/identity-schema.md": Page(),
    "docs/guides/invitations.md": Page(continues="docs/quickstart.md"),
    "docs/guides/languages.md": Page(continues="docs/quickstart.md"),
    "docs/guides/live-pages.md": Page(continues="docs/guides/admin.md", servers=True),
    "docs/guides/mails.md": Page(continues="docs/quickstart.md"),
    "docs/guides/moving-from-allauth.md": Page(servers=True),
    "docs/guides/moving-from-django-ory-auth.md": Page(servers=True),
    "docs/guides/moving-from-mozilla-django-oidc.md": Page(continues="docs/guides/social-sign-in.md"),
    "docs/guides/moving-from-oauth-toolkit.md": Page(servers=True),
    "docs/guides/moving.md": Page(servers=True),
    "docs/guides/observability.md": Page(continues="docs/quickstart.md", servers=True),
    "docs/guides/pages.md": Page(continues="docs/quickstart.md", servers=True),
    "docs/guides/protecting.md": Page(continues="docs/quickstart.md", servers=True),
    "docs/guides/social-sign-in.md": Page(),
    "docs/guides/sync.md": Page(
        continues="docs/guides/admin.md",
        servers=True,
        elsewhere={"psql --file search_indexes.sql shop": "tests/live/mirror/test_search_indexes.py"},
    ),
    # Celery warns when it is run by root.
    "docs/guides/tasks.md": Page(
        continues="docs/guides/admin.md", servers=True, environment={"PYTHONWARNINGS": "default"}
    ),
    PROVIDER: Page(),
    "docs/guides/provider-login.md": Page(continues=PROVIDER),
    "docs/guides/consent.md": Page(continues=PROVIDER),
    "docs/guides/connected-apps.md": Page(continues=PROVIDER),
    "docs/guides/device.md": Page(continues=PROVIDER),
    "docs/guides/theming.md": Page(continues="docs/quickstart.md", servers=True),
    "docs/guides/token-hook.md": Page(continues=PROVIDER),
    "docs/guides/tokens-on-behalf.md": Page(continues=PROVIDER),
    AUTHLIB: Page(continues=PROVIDER),
    "docs/guides/single-logout.md": Page(continues=AUTHLIB),
    "docs/guides/mozilla-django-oidc.md": Page(
        continues=PROVIDER,
        replace={
            "ID_TOKEN_EXPIRY_SECONDS = 900": "ID_TOKEN_EXPIRY_SECONDS = 3"
        },  # a test waits for the renewal
    ),
    "docs/guides/django-allauth.md": Page(continues=PROVIDER),
    "docs/guides/machines.md": Page(servers=True),
    MCP: Page(servers=True),
    "docs/guides/agents.md": Page(continues=MCP, servers=True),
    "docs/guides/spa.md": Page(servers=True),
    "docs/guides/htmx.md": Page(servers=True),
    "docs/guides/several-projects.md": Page(),
    "docs/guides/users.md": Page(continues="docs/quickstart.md"),
    "docs/guides/ory-network.md": Page(),
    "docs/guides/production.md": Page(programs=True, replace=PRODUCTION),
    "docs/guides/docker.md": Page(
        continues="docs/guides/production.md",
        kept_ports=(4433, 4434, 4444, 4445, 8000),
        replace={url: PRODUCTION[url] for url in PRODUCTION if url.startswith("https://")},
    ),
    "docs/guides/edge-limits.md": Page(continues="docs/guides/production.md", replace=PRODUCTION),
    "docs/guides/testing.md": Page(continues="docs/quickstart.md"),
    "docs/guides/webhooks.md": Page(continues="docs/quickstart.md"),
    # The servers of this machine take the place of Ory Network, its tunnel and its command line.
    "docs/ory-docs/django.mdx": Page(
        servers=True,
        replace={
            '"SDK_URL": os.environ["ORY_SDK_URL"],': '"KRATOS_ADMIN_URL": "http://localhost:4434",',
            '"API_KEY": os.environ["ORY_API_KEY"],\n        "KRATOS_PUBLIC_URL"': '"KRATOS_PUBLIC_URL"',
            "http://localhost:4000": "http://localhost:4433",
            "ory tunnel": "# ory tunnel",
            "ory patch": "# ory patch",
        },
    ),
    "docs/index.md": Page(),
    "docs/quickstart.md": Page(
        elsewhere={
            "python manage.py ory_make_staff you@example.org --superuser": "tests/docs/test_quickstart.py"
        }
    ),
    "docs/reference/mirror.md": Page(continues="docs/guides/admin.md", servers=True),
    "docs/upgrade.md": Page(continues="docs/quickstart.md"),
}

#: Pages that send the reader into a browser between two blocks -> module of this folder that follows them, in
#: this order.
OWN_TESTS = {
    "docs/tutorial/sign-in.md": "test_tutorial",
    "docs/tutorial/protect.md": "test_tutorial",
    "docs/tutorial/admin.md": "test_tutorial",
    "docs/tutorial/second-site.md": "test_tutorial",
}
