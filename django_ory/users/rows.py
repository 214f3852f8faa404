"""The stored form of an identity: everything that Kratos returned, except secrets."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import router
from django.db.models import QuerySet
from django.utils import timezone

from django_ory.adapter import get_adapter
from django_ory.client import models as ory
from django_ory.client.json_values import clean_json
from django_ory.models import Identity

#: Removed by name, so that attributes that Ory adds later are kept.
IDENTITY_SECRETS = frozenset({"credentials", "metadata_admin"})
#: Stored without MIRROR_PERSONAL_DATA.
IMPERSONAL_MEMBERS = (
    "id",
    "schema_id",
    "schema_url",
    "state",
    "state_changed_at",
    "created_at",
    "updated_at",
)
#: JSON of any content: pydantic raises UnicodeEncodeError for a key with a lone surrogate.
ARBITRARY_JSON = ("traits", "metadata_public")


@dataclass(frozen=True)
class IdentitySnapshot:
    """An identity from Kratos, and the time of the request (seconds since the epoch).

    Kratos does not change ``updated_at`` when traits or the state change, so contents are compared instead.
    """

    alias: str
    identity: ory.Identity
    requested_at: float
    known_digest: str = ""  #: if it was built before

    @property
    def key(self) -> dict[str, Any]:
        """The values that identify the row."""
        return {"alias": self.alias, "identity_id": UUID(self.identity.id)}

    @property
    def state(self) -> str:
        """The state for the row."""
        return (self.identity.state or Identity.State.ACTIVE)[:32]

    @cached_property
    def database_time(self) -> datetime:
        """``requested_at`` for the database."""
        requested_at = datetime.fromtimestamp(self.requested_at, UTC)
        return requested_at if settings.USE_TZ else timezone.make_naive(requested_at)

    @cached_property
    def digest(self) -> str:
        """See ``build_user_digest``."""
        return self.known_digest or build_user_digest(self.identity)


def build_user_digest(identity: ory.Identity) -> str:
    """Return the SHA-256 of everything that a Django user may be built from."""
    addresses = [(each.via, each.value, each.verified) for each in identity.verifiable_addresses]
    content = [
        *(identity.schema_id, identity.state, identity.traits, identity.metadata_public),
        *(identity.external_id, identity.organization_id, addresses),
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def get_rows() -> QuerySet[Identity]:
    """Return all rows of the database that writes go to."""
    return Identity.objects.using(router.db_for_write(Identity))


def identity_columns(alias: str, identity: ory.Identity) -> dict[str, Any]:
    """Return the values of a row, except its key."""
    adapter = get_adapter(alias)
    label, data = "", without_identity_secrets(identity)
    if adapter.settings.mirror_personal_data:
        label = clean_json(adapter.get_identity_label(identity))[:320]
    else:
        data = {name: data[name] for name in IMPERSONAL_MEMBERS if name in data}
    return {
        "label": label,
        "schema_id": (identity.schema_id or "")[:255],
        "state": (identity.state or Identity.State.ACTIVE)[:32],
        "data": data,
        "created_at": to_database_time(identity.created_at),
        "updated_at": to_database_time(identity.updated_at),
    }


def without_identity_secrets(identity: ory.Identity) -> dict[str, Any]:
    """Return the identity as JSON without its credentials and ``metadata_admin``."""
    data = identity.model_dump(
        mode="json", by_alias=True, exclude_unset=True, exclude={*IDENTITY_SECRETS, *ARBITRARY_JSON}
    )
    raw = {name: getattr(identity, name) for name in ARBITRARY_JSON if name in identity.model_fields_set}
    cleaned: dict[str, Any] = clean_json({**data, **raw})
    return cleaned


def to_database_time(value: datetime | None) -> datetime | None:
    """Return a time of Ory for the database: aware, or naive local time with ``USE_TZ = False``."""
    return timezone.make_naive(value) if value is not None and not settings.USE_TZ else value
