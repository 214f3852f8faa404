"""The identities that have an identifier already, such as the e-mail address of a new one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django_ory.client import models as ory
from django_ory.client.identifiers import parse_uuid
from django_ory.clients import get_client
from django_ory.schemas.fetch import get_schema_store

from .json_patch import find_value

__all__ = ["find_identifier_owners"]

#: Identifiers that are searched, each with one call.
MAX_SEARCHED = 10


def find_identifier_owners(
    alias: str, schema_id: str, traits: Any, *, own_id: UUID | None = None
) -> dict[tuple[str, ...], ory.Identity]:
    """Search Kratos for the identifiers among the traits.

    Args:
        alias: The key in ``settings.ORY``.
        schema_id: The schema of the traits. Without a readable schema nothing is searched.
        traits: The traits of an identity, or of one that could not be created.
        own_id: The identity that the traits belong to, which is left out.

    Returns:
        The path of each identifier that belongs to another identity, and this identity, with its credentials.
    """
    found = {}
    for path, value in _list_identifiers(alias, schema_id, traits)[:MAX_SEARCHED]:
        owners = get_client(alias).admin_list_identities(credentials_identifier=value)
        owner = next((each for each in owners if parse_uuid(each.id) not in (None, own_id)), None)
        if owner is not None:
            found[path] = owner
    return found


def _list_identifiers(alias: str, schema_id: str, traits: Any) -> list[tuple[tuple[str, ...], str]]:
    schema = get_schema_store(alias).get(schema_id)
    if schema is None:
        return []
    return [
        (field.path, text)
        for field in schema.traits.walk()
        if field.is_identifier and field.path
        for text in _list_texts(find_value(traits, field.path))
    ]


def _list_texts(value: Any) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, str) and each.strip():
            yield each
