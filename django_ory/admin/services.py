"""Which Ory projects have a service at all."""

from __future__ import annotations

from django_ory.conf import OryConfigurationError, aliases, get_settings

__all__ = ["configured_aliases"]


def configured_aliases(service: str) -> list[str]:
    """The aliases whose settings name ``service``, a field of OrySettings such as ``"hydra_admin_url"``."""
    try:
        return [alias for alias in aliases() if getattr(get_settings(alias), service)]
    except OryConfigurationError:
        return []  # a system check says what is wrong; a page of the admin must not fail of it
