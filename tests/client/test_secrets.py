"""The repr of a model contains no secret: all texts but ids and descriptions are planted."""

from __future__ import annotations

import types
import typing
from datetime import datetime
from typing import Any

import pytest
from pydantic import BaseModel

from .every_model import MODELS

PLANTED = "planted-secret"
# Public values.
HARMLESS = {
    "id", "client_id", "schema_id", "state", "active", "status", "type", "method", "aal", "via", "group",
    "node_type", "kid", "use", "alg", "role", "authenticator_assurance_level",
}  # fmt: skip
# Public values of some models: names of fields, and actions.
HARMLESS_THERE = {
    "UiNodeInputAttributes": {"name"},
    "IdentityPatchResponse": {"action"},
    "ContinueWithOther": {"action"},
}
VALUES: dict[Any, Any] = {
    str: PLANTED,
    Any: PLANTED,
    object: PLANTED,
    bool: True,
    int: 7,
    datetime: "2026-01-02T03:04:05Z",
}


def planted(annotation: Any, depth: int) -> Any:
    """Return a value of the type, with the secret as all texts."""
    if annotation in VALUES:
        return VALUES[annotation]
    parts = typing.get_args(annotation)
    match typing.get_origin(annotation):
        case typing.Annotated:
            return planted(parts[0], depth)
        case typing.Literal:
            return parts[0]
        case typing.Union | types.UnionType:
            return planted(next(part for part in parts if part is not type(None)), depth)
        case kind if kind is list:
            return [planted(parts[0], depth)] if depth < 6 else []
        case kind if kind is dict:
            return {PLANTED: planted(parts[1], depth)}
    assert issubclass(annotation, BaseModel), annotation
    return fields(annotation, depth + 1)


def fields(model: type[BaseModel], depth: int = 0) -> dict[str, Any]:
    """Return values of all fields of a model, with an unknown field for open models."""
    model.model_rebuild()
    harmless = HARMLESS | HARMLESS_THERE.get(model.__name__, set())
    values = {
        field.alias or name: "shown"
        if name in harmless and planted(field.annotation, depth) == PLANTED
        else planted(field.annotation, depth)
        for name, field in model.model_fields.items()
    }
    return values if model.model_config["extra"] == "forbid" else {**values, "unheard_of": PLANTED}


def test_repr_shows_no_secret(subtests: pytest.Subtests) -> None:
    for model in MODELS:
        with subtests.test(model=model.__name__):
            value = model.model_validate(fields(model))
            assert set(type(value).model_fields) == value.model_fields_set - {"unheard_of"}
            assert PLANTED not in f"{value!r} {value} {[value]} {list(value.__repr_args__())}"
            assert repr(value).startswith(f"{model.__name__}(")


def test_nearly_every_model_has_a_planted_secret() -> None:
    without = {
        model.__name__
        for model in MODELS
        if PLANTED not in model.model_validate(fields(model)).model_dump_json()
    }
    assert without <= {"OryBody", "CreateJsonWebKeySet", "UpdateOrganizationOnboardingPortalLinkBody"}
