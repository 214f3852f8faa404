"""The services of Ory, and OryClient's arguments for them. The API key is sent to some of them only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Service:
    """One API of Ory."""

    name: str
    argument: str  #: the argument of OryClient with its URL
    needs_api_key: bool  #: whether the API key is sent there


KRATOS_PUBLIC = Service("kratos_public", "kratos_public_url", needs_api_key=False)
KRATOS_ADMIN = Service("kratos_admin", "kratos_admin_url", needs_api_key=True)
HYDRA_PUBLIC = Service("hydra_public", "hydra_public_url", needs_api_key=False)
HYDRA_ADMIN = Service("hydra_admin", "hydra_admin_url", needs_api_key=True)
KETO_READ = Service("keto_read", "keto_read_url", needs_api_key=True)
KETO_WRITE = Service("keto_write", "keto_write_url", needs_api_key=True)
CONSOLE = Service("console", "console_url", needs_api_key=True)
# What only Ory Network has, under the project's own URL.
NETWORK_ADMIN = Service("network_admin", "sdk_url", needs_api_key=True)
NETWORK_PUBLIC = Service("network_public", "sdk_url", needs_api_key=False)

SERVICES = {
    service.name: service
    for service in (
        KRATOS_PUBLIC,
        KRATOS_ADMIN,
        HYDRA_PUBLIC,
        HYDRA_ADMIN,
        KETO_READ,
        KETO_WRITE,
        CONSOLE,
        NETWORK_ADMIN,
        NETWORK_PUBLIC,
    )
}
