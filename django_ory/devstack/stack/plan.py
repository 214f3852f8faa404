"""The addresses and files of one development stack, and its configuration files."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django_ory.devstack.config.identity_schema import schema_url
from django_ory.devstack.config.rendering import render_config
from django_ory.devstack.config.server_plan import ServerPlan, create_secrets, parse_version
from django_ory.devstack.config.site import SiteUrls
from django_ory.devstack.ports import HOST, Ports
from django_ory.devstack.servers.server import sqlite_dsn
from django_ory.devstack.servers.specs import SERVERS, ServerSpec

from .mails import Mail, read_mails
from .project import FOLDER_VARIABLE, URLS_VARIABLE, make_folder

SECRETS_FILE = "secrets.json"


class StackAddresses:
    """The URLs, the files and the received mails of a stack."""

    def __init__(self, *, folder: Path, site_url: str, ports: Ports) -> None:
        self.folder = folder
        self.site_url = site_url
        self.ports = ports
        self.kratos_public_url = f"http://localhost:{ports.kratos_public}"
        self.kratos_admin_url = f"http://localhost:{ports.kratos_admin}"
        self.hydra_public_url = f"http://localhost:{ports.hydra_public}"
        self.hydra_admin_url = f"http://localhost:{ports.hydra_admin}"
        self.mail_folder = folder / "mails"

    @property
    def ory_setting(self) -> dict[str, dict[str, str]]:
        """The value of ``settings.ORY`` for this stack."""
        return self.ports.ory_setting

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables for another Django process whose settings use ``ory_settings()``."""
        return {URLS_VARIABLE: json.dumps(self.ory_setting), FOLDER_VARIABLE: str(self.folder)}

    @property
    def mails(self) -> list[Mail]:
        """The received mails, the oldest first."""
        return read_mails(self.mail_folder)

    def wait_for_mail(
        self, to: str, subject_contains: str = "", timeout: float = 15.0, *, after: str = ""
    ) -> Mail:
        """Wait for a mail to this address and return the newest one. ``after`` excludes older mails, by id.

        Raises TimeoutError with the recipients of other mails after ``timeout`` seconds.
        """
        deadline = time.monotonic() + timeout
        while True:
            mails = self.mails
            for mail in reversed(mails):
                if mail.id > after and to in mail.to.split(", ") and subject_contains in mail.subject:
                    return mail
            if time.monotonic() > deadline:
                others = "; ".join(f"{mail.to}: {mail.subject}" for mail in mails[-5:]) or "none"
                raise TimeoutError(f"No mail to {to} in {timeout} seconds. Last mails: {others}")
            time.sleep(0.05)

    def plan_server(
        self, spec: ServerSpec, *, identity_schema: str = "", server_version: str = ""
    ) -> ServerPlan:
        """Return the values that the configuration of one server needs.

        ``identity_schema`` is the URL of a schema. Secrets are created on first use.
        """
        public, admin = self.ports.get_pair(spec.name)
        return ServerPlan(
            public_url=f"http://localhost:{public}",
            admin_url=f"http://localhost:{admin}",
            public_port=public,
            admin_port=admin,
            server_version=parse_version(server_version or spec.version),
            dev=True,
            dsn=sqlite_dsn(self.folder / f"{spec.name}.sqlite3"),
            secrets=load_or_create_secrets(self.folder),
            identity_schema=identity_schema,
            smtp_url=f"smtp://{HOST}:{self.ports.smtp}/?disable_starttls=true",
        )


def write_configs(
    stack: StackAddresses,
    site: SiteUrls,
    *,
    identity_schema: str = "",
    overrides: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Write ``kratos.yaml`` and ``hydra.yaml`` into the folder of the stack, readable by this user only.

    The servers merge the overrides, in ``kratos.overrides.json`` and ``hydra.overrides.json``, into them.
    """
    schema = schema_url(identity_schema)
    if site.oauth2_provider_url:  # the ports of a stack can differ from the settings
        site = replace(site, oauth2_provider_url=stack.hydra_admin_url)
    if site.identity_provider_url:
        site = replace(site, identity_provider_url=stack.kratos_admin_url)
    for name, spec in SERVERS.items():
        plan = stack.plan_server(spec, identity_schema=schema)
        title = f"{spec.title} of the development stack. Written from the project at each start."
        _write_private(stack.folder / f"{name}.yaml", render_config(name, site, plan, title=title))
        _write_private(stack.folder / f"{name}.overrides.json", json.dumps((overrides or {}).get(name, {})))


def load_or_create_secrets(folder: Path) -> dict[str, str]:
    """Return the secrets of a data folder, created if missing. The databases are encrypted with them."""
    file = folder / SECRETS_FILE
    stored: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    secrets = {**create_secrets(), **stored}
    if secrets != stored:
        write_secrets(folder, secrets)
    return secrets


def write_secrets(folder: Path, secrets: dict[str, str]) -> None:
    """Store the secrets of a data folder, which is created if missing."""
    make_folder(folder)
    _write_private(folder / SECRETS_FILE, json.dumps(secrets))


def _write_private(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")
