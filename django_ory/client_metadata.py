"""The key ``django_ory`` in the metadata of an OAuth2 client, which only staff and this package can write.

Hydra rejects metadata from clients that register themselves. A client that this package registers for its
developer has an ``origin`` here. The other keys are only read for clients that staff have verified.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from .client.models import OAuth2Client

ClientOrigin = Literal["staff", "registration", "document"]

METADATA_KEY = "django_ory"
#: The metadata of a client that registered itself.
SELF_REGISTERED = {METADATA_KEY: {"origin": "registration"}}
#: The metadata of a client that is described by the document at the URL in its id.
SELF_DESCRIBED = {METADATA_KEY: {"origin": "document"}}


def read_client_metadata(client: OAuth2Client) -> Mapping[str, Any]:
    """Return the values under ``django_ory`` in the metadata of a client; none if they are not an object."""
    values = client.metadata.get(METADATA_KEY) if isinstance(client.metadata, Mapping) else None
    return values if isinstance(values, Mapping) else {}


def get_client_origin(client: OAuth2Client) -> ClientOrigin:
    """Return the origin of a client: staff, the client itself, or the document at its id."""
    if (client.client_id or "").lower().startswith(("https:", "http:")):
        return "document"
    match read_client_metadata(client).get("origin", "staff"):
        case "staff":
            return "staff"
        case "document":
            return "document"
        case _:  # also a value that this version does not know
            return "registration"


def is_verified_by_staff(client: OAuth2Client) -> bool:
    """Return whether staff created the client, or have set ``verified`` in its metadata."""
    return get_client_origin(client) == "staff" or read_client_metadata(client).get("verified") is True
