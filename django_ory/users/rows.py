"""What the mirror's row of an identity holds, made from Kratos' answer: everything but secrets."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from django_ory.adapter import get_adapter
from django_ory.client.json_values import clean_json
from django_ory.models import Identity

if TYPE_CHECKING:
    from django_ory.client import models as ory

__all__ = ["Seen", "identity_columns", "identity_data", "moment"]

#: Names that must go, not names that may stay, so that what Ory adds tomorrow is kept.
IDENTITY_SECRETS = frozenset({"credentials", "metadata_admin"})
#: JSON of any content: pydantic raises UnicodeEncodeError for a key with a lone surrogate.
USER_JSON = ("traits", "metadata_public")


@dataclass(frozen=True)
class Seen:
    """An identity as Kratos answered it, and when it was asked (seconds since the epoch).

    Kratos leaves ``updated_at`` alone when traits or the state change, so contents are compared instead.
    """

    alias: str
    identity: ory.Identity
    asked_at: float

    @property
    def key(self) -> dict[str, Any]:
        """What finds the row."""
        return {"alias": self.alias, "identity_id": UUID(self.identity.id)}

    @property
    def state(self) -> str:
        """As the row has it."""
        return (self.identity.state or Identity.State.ACTIVE)[:32]

    @cached_property
    def at(self) -> datetime:
        """When Kratos was asked, as the database takes it."""
        at = datetime.fromtimestamp(self.asked_at, UTC)
        return at if settings.USE_TZ else timezone.make_naive(at)

    @cached_property
    def digest(self) -> str:
        """Changes whenever something changes that a Django user may be made from."""
        identity = self.identity
        addresses = [(each.via, each.value, each.verified) for each in identity.verifiable_addresses]
        content = [
            *(identity.schema_id, identity.state, identity.traits, identity.metadata_public),
            *(identity.external_id, identity.organization_id, addresses),
        ]
        return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def identity_columns(alias: str, identity: ory.Identity) -> dict[str, Any]:
    """The row's values but its key. ``data`` is the identity as JSON."""
    data = identity_data(identity)
    return {
        "label": clean_json(get_adapter(alias).get_identity_label(identity))[:320],
        "schema_id": (identity.schema_id or "")[:255],
        "state": (identity.state or Identity.State.ACTIVE)[:32],
        "data": data,
        "created_at": moment(identity.created_at),
        "updated_at": moment(identity.updated_at),
    }


def identity_data(identity: ory.Identity) -> dict[str, Any]:
    """The identity as JSON without its credentials and ``metadata_admin``."""
    data = identity.model_dump(
        mode="json", by_alias=True, exclude_unset=True, exclude={*IDENTITY_SECRETS, *USER_JSON}
    )
    raw = {name: getattr(identity, name) for name in USER_JSON if name in identity.model_fields_set}
    cleaned: dict[str, Any] = clean_json({**data, **raw})
    return cleaned


def moment(value: datetime | None) -> datetime | None:
    """Ory's time as the database takes it: aware, or naive local time with ``USE_TZ = False``."""
    return timezone.make_naive(value) if value is not None and not settings.USE_TZ else value
