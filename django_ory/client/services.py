"""The services of Ory, and OryClient's arguments for them. The API key goes to private ones only."""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "CONSOLE",
    "HYDRA_ADMIN",
    "HYDRA_PUBLIC",
    "KETO_READ",
    "KETO_WRITE",
    "KRATOS_ADMIN",
    "KRATOS_PUBLIC",
    "NETWORK_ADMIN",
    "NETWORK_PUBLIC",
    "SERVICES",
    "Service",
]


class Service(NamedTuple):
    """One API of Ory: its name, the argument of OryClient with its URL, whether the API key goes there."""

    name: str
    argument: str
    private: bool


KRATOS_PUBLIC = Service("kratos_public", "kratos_public_url", private=False)
KRATOS_ADMIN = Service("kratos_admin", "kratos_admin_url", private=True)
HYDRA_PUBLIC = Service("hydra_public", "hydra_public_url", private=False)
HYDRA_ADMIN = Service("hydra_admin", "hydra_admin_url", private=True)
KETO_READ = Service("keto_read", "keto_read_url", private=True)
KETO_WRITE = Service("keto_write", "keto_write_url", private=True)
CONSOLE = Service("console", "console_url", private=True)
# What only Ory Network has, under the project's own URL.
NETWORK_ADMIN = Service("network_admin", "sdk_url", private=True)
NETWORK_PUBLIC = Service("network_public", "sdk_url", private=False)

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
