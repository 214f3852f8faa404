"""Finds the identity schema of a flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_ory.client.models import RegistrationFlow, SettingsFlow
from django_ory.schemas.fetch import get_schema_store
from django_ory.schemas.fields import TraitKind
from django_ory.schemas.values import TRAITS, build_name

if TYPE_CHECKING:
    from collections.abc import Collection

    from django_ory.schemas.fields import TraitField, TraitSchema
    from django_ory.selfservice.flow_types import AnyFlow

__all__ = ["choose_schema", "find_schema"]


def find_schema(flow: AnyFlow, *, alias: str) -> TraitSchema | None:
    """The identity schema of a flow; None if the flow has no traits, or the schema is not certain."""
    names = _get_names(flow)
    if not names:
        return None
    store = get_schema_store(alias)
    if isinstance(flow, SettingsFlow):
        return store.get(flow.identity.schema_id) if flow.identity else None
    if not isinstance(flow, RegistrationFlow):
        return None
    if flow.identity_schema:
        return store.get(flow.identity_schema)
    return choose_schema(names, list(store.get_all().values()))


def choose_schema(names: Collection[str], schemas: Collection[TraitSchema]) -> TraitSchema | None:
    """The schema that explains the nodes of a sign-up, if it is the only one.

    Kratos 1.3 does not name the schema of a sign-up. A wrong guess would offer traits that Kratos rejects.

    Args:
        names: the names of all nodes of traits.
        schemas: the readable schemas of the project.
    """
    fitting = [schema for schema in schemas if _explains(schema.traits, names)]
    whole = [schema for schema in fitting if _list_expected(schema.traits) <= set(names)]
    found = whole or fitting
    # The second step of a sign-up has only the traits with a value, so more schemas fit.
    first = next(iter(found), None)
    return first if all(each.traits == first.traits for each in found if first) else None


def _get_names(flow: AnyFlow) -> set[str]:
    return {node.name for node in flow.ui.nodes if node.name.startswith(f"{TRAITS}.")}


def _explains(traits: TraitField, names: Collection[str]) -> bool:
    known = {build_name(*each.path) for each in traits.walk() if each.path}
    lists = tuple(
        f"{build_name(*each.path)}."
        for each in traits.walk()
        if each.kind in (TraitKind.LIST, TraitKind.OTHER)
    )
    return all(name in known or name.startswith(lists) for name in names)


def _list_expected(traits: TraitField) -> set[str]:
    """The nodes that Kratos makes from a schema without values."""
    return {
        build_name(*each.path)
        for each in traits.walk()
        if each.path and each.is_postable and (each.is_scalar or each.is_list_of_values)
    }
