"""The identifiers and addresses that an identity schema finds in traits, as in Kratos v1.3.1."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django_ory.testing.factories import build_verifiable_address_json, format_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["SchemaIdentifiers", "find_identifiers"]


@dataclass(frozen=True)
class SchemaIdentifiers:
    """The result of the ``ory.sh/kratos`` extensions of a schema for the traits of an identity."""

    identifiers: dict[str, list[str]] = field(default_factory=dict)  #: type of the credential -> identifiers
    verifiable_addresses: list[dict[str, Any]] = field(default_factory=list)
    recovery_addresses: list[dict[str, Any]] = field(default_factory=list)


def find_identifiers(
    schema: Mapping[str, Any], traits: Any, addresses: Iterable[Mapping[str, Any]]
) -> SchemaIdentifiers:
    """Return the identifiers and addresses of traits, in lower case.

    Args:
        schema: The part of the schema below ``properties.traits``.
        traits: The traits.
        addresses: The verifiable addresses before, or of the request; those that remain keep their state.
    """
    given = {
        (each.get("via", "email"), each["value"].lower()): each for each in addresses if each.get("value")
    }
    now = format_time(datetime.now(UTC))
    found = SchemaIdentifiers()
    for extension, trait in _walk_extensions(schema, traits):
        value = trait.lower()
        for kind, options in extension.get("credentials", {}).items():
            if options.get("identifier"):
                found.identifiers.setdefault(kind, []).append(value)
        if via := extension.get("verification", {}).get("via"):
            address = _build_verifiable_address(value, via, given.get((via, value), {}))
            found.verifiable_addresses.append(address)
        if via := extension.get("recovery", {}).get("via"):
            found.recovery_addresses.append(
                {"id": str(uuid.uuid4()), "value": value, "via": via, "created_at": now, "updated_at": now}
            )
    return found


def _build_verifiable_address(value: str, via: str, given: Mapping[str, Any]) -> dict[str, Any]:
    verified = bool(given.get("verified")) and bool(given.get("status"))
    kept = {key: given[key] for key in ("id", "created_at") if key in given}
    kept |= {
        key: given[key]
        for key in ("status", "verified_at")
        if given.get(key) and (verified or key == "status")
    }
    return build_verifiable_address_json(value, verified=verified, via=via, **kept)


def _walk_extensions(schema: Mapping[str, Any], value: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """The ``ory.sh/kratos`` extension of every trait that has a value, with that value."""
    extension = schema.get("ory.sh/kratos")
    if extension and isinstance(value, str) and value:
        yield extension, value
    for name, below in schema.get("properties", {}).items():
        if isinstance(value, dict) and name in value:
            yield from _walk_extensions(below, value[name])
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for item in value:
            yield from _walk_extensions(schema["items"], item)
