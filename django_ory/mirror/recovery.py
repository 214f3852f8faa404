"""Recovery links and codes that staff create for the owner of an identity. Both are secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from django_ory.client import OryBadRequest, OryNotFound
from django_ory.clients import get_client
from django_ory.exceptions import OryConfigurationError

from .errors import error_text
from .identity_rows import IDENTITY_MIRROR

__all__ = ["Recovery", "RecoveryMethod", "create_recovery"]


class RecoveryMethod(StrEnum):
    """The methods of Kratos. Each is enabled on its own in the configuration of Kratos."""

    CODE = "code"
    LINK = "link"


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """A way into an account. To be shown once, or sent to the owner, and never stored.

    ``link``: the page for the code, or the link itself. ``code``: empty for a link.
    """

    link: str = field(repr=False)
    code: str = field(default="", repr=False)
    expires_at: datetime | None = None


def create_recovery(
    alias: str, identity_id: UUID | str, *, method: RecoveryMethod, lifetime: timedelta
) -> Recovery:
    """Create a link or a code that signs in the owner of an identity, who then sets a new password.

    Each call creates another one.

    Args:
        alias: The key in ``settings.ORY``.
        identity_id: The id of the identity.
        method: Whether to create a code or a link.
        lifetime: How long it is valid, in whole seconds.

    Raises:
        OryNotFound: Kratos does not have the identity. Its row was marked as missing.
        OryConfigurationError: Kratos rejected the request, usually because the method is disabled.
        OryError: Kratos failed.
    """
    client, key = get_client(alias), UUID(str(identity_id))
    body = {"identity_id": str(key), "expires_in": f"{int(lifetime.total_seconds())}s"}
    try:
        if method == RecoveryMethod.LINK:
            created: Any = client.admin_create_self_service_recovery_link(body=body)
        else:
            created = client.admin_create_self_service_recovery_code(body=body)
    except (OryNotFound, OryBadRequest) as error:
        # Kratos has the same statuses for a missing identity and for a disabled method.
        if IDENTITY_MIRROR.refresh(alias, key).missing_since:
            raise
        text = _(
            "Kratos created nothing. %(reason)s Check selfservice.flows.recovery.enabled and "
            "selfservice.methods.%(method)s.enabled in its configuration."
        )
        raise OryConfigurationError(text % {"reason": error_text(error), "method": method.value}) from error
    return Recovery(
        link=created.recovery_link,
        code=getattr(created, "recovery_code", ""),
        expires_at=created.expires_at,
    )
