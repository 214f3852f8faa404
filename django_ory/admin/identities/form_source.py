"""The identity, or the new one, that an admin form is about: schema, values and permissions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django_ory.exceptions import OryConfigurationError
from django_ory.models import Identity
from django_ory.schemas.expressible import can_show_form
from django_ory.schemas.fetch import get_schema_store
from django_ory.schemas.values import TRAITS

if TYPE_CHECKING:
    from django_ory.client.models import Identity as OryIdentity
    from django_ory.schemas.fields import TraitSchema

__all__ = ["METADATA", "PERSONAL_MEMBERS", "FormSource", "get_schema_label"]

METADATA = ("metadata_public", "metadata_admin")
#: The members of an identity that need the permission to see personal data.
PERSONAL_MEMBERS = frozenset({TRAITS, *METADATA, "external_id"})


@dataclass(frozen=True, kw_only=True)
class FormSource:
    """What a form is built from.

    Attributes:
        alias: The key in ``settings.ORY``.
        schema_id: The schema of the form. For an identity that gets another schema, the new one.
        content: The members of the identity as ``get_content`` returns them, or the defaults of a new one.
        identity: The identity, if it was read from Kratos for this form.
        row: The row of the identity; None for a new one.
        sees_personal_data: Whether the form contains traits and metadata.
        changes_state: Whether the form contains the state.
        changes_metadata: Whether the form contains the metadata, if the user sees personal data.
        has_external_id: Whether the server has shown that it stores external ids.
        wants_json: Whether the user asked for the JSON of all traits.
        is_own: Whether the user is linked to the identity.

    """

    alias: str
    schema_id: str
    content: Mapping[str, Any] = field(repr=False)
    identity: OryIdentity | None = field(default=None, repr=False)
    row: Identity | None = None
    sees_personal_data: bool
    changes_state: bool
    changes_metadata: bool
    has_external_id: bool
    wants_json: bool
    is_own: bool = False

    @property
    def is_new(self) -> bool:
        return self.row is None

    @property
    def schema(self) -> TraitSchema | None:
        """The schema, if it is readable."""
        return get_schema_store(self.alias).get(self.schema_id)

    @property
    def traits(self) -> Any:
        return self.content.get(TRAITS)

    @property
    def changes_schema(self) -> bool:
        return not self.is_new and self.schema_id != self.content.get("schema_id")

    def get_form_schema(self) -> TraitSchema | None:
        """The schema for inputs; None if the traits are edited as JSON."""
        schema = self.schema
        can_show = schema is not None and can_show_form(schema, self.traits)
        return schema if can_show and not self.wants_json else None

    @property
    def seen(self) -> dict[str, Any]:
        """The members of the identity that the user can see in the form."""
        return {
            name: value
            for name, value in self.content.items()
            if self.sees_personal_data or name not in PERSONAL_MEMBERS
        }


def get_schema_label(alias: str, schema_id: str) -> str:
    """Return the title of a schema with its id, or only the id."""
    try:
        schema = get_schema_store(alias).get(schema_id)
    except OryConfigurationError:  # a row of a project that settings.ORY no longer has
        return schema_id
    return f"{schema.title} ({schema_id})" if schema and schema.title else schema_id
