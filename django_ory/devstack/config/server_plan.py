"""The values of a configuration that do not come from the site: URLs, ports, secrets and the version."""

from __future__ import annotations

import re
import secrets as random
from dataclasses import dataclass, field

from django_ory.devstack.errors import DevstackError

SECRET_NAMES = ("cookie", "cipher", "system", "pagination")
PLACEHOLDER = "FILL-IN"
"""Stands for a secret in a template. It is too short for one, so the servers refuse to start with it."""


@dataclass(frozen=True, kw_only=True)
class ServerPlan:
    """The values for the configuration of one server."""

    public_url: str
    """The URL for browsers."""
    admin_url: str
    public_port: int
    admin_port: int
    server_version: tuple[int, int, int]
    dev: bool
    """For this machine, on plain HTTP, with the secrets below. False: a template for production."""
    is_local: bool = False
    """In a template for production: the site and the proxy run on the machine of the server."""
    with_site_secrets: bool = False
    """Also in a template for production: the secrets of web hooks and mails, which the site has."""
    dsn: str = field(default=PLACEHOLDER, repr=False)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    identity_schema: str = ""
    """URL of the JSON schema (``file://``, ``https://``, ``base64://``). Default: our schema, embedded."""
    smtp_url: str = field(default="", repr=False)

    @property
    def version(self) -> str:
        """The version of the server in Ory's format: ``v1.3.1``."""
        return f"v{'.'.join(map(str, self.server_version))}"

    def get_secret(self, name: str) -> str:
        """Return a secret, or the placeholder in a template."""
        return self.secrets.get(name, PLACEHOLDER)


def parse_version(text: str) -> tuple[int, int, int]:
    """Parse a version such as ``v26.2.0``; the letter and the last number are optional.

    Raises DevstackError for another text.
    """
    found = re.fullmatch(r"v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?", text)
    if found is None:
        raise DevstackError(f"{text!r} is not a server version. Example: v26.2.0")
    return int(found[1]), int(found[2]), int(found[3] or 0)


def create_secrets() -> dict[str, str]:
    """Return new secrets. The cipher secret of Kratos must have exactly 32 characters."""
    return {name: random.token_hex(16) for name in SECRET_NAMES}
