"""Bodies are strict: models of requests reject unknown fields."""

from __future__ import annotations

import inspect
import json
import re
import typing
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
import responses
from pydantic import BaseModel, ValidationError

from django_ory.client import OryClient, models
from django_ory.client.models.flows import _BY_PATH as FLOWS

from .calls import ARGUMENTS
from .spec import MODERN, SEED, Operation, example

WITH_BODY = [operation for operation in [*SEED, *MODERN] if operation.body is not None]
# In the first specification only, and unused: Hydra sets the time itself, Kratos reads no password of an
# OpenID provider.
GONE = {("handled_at",), ("credentials", "oidc", "config", "config")}


def named(annotation: object) -> set[type[BaseModel]]:
    """The models that an annotation names, as text (``models.Session``) or as a type."""
    if isinstance(annotation, str):
        return set().union(
            *(named(getattr(models, name)) for name in re.findall(r"models\.(\w+)", annotation))
        )
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    return set().union(*(named(part) for part in typing.get_args(annotation)))


def reachable(start: set[type[BaseModel]]) -> set[type[BaseModel]]:
    """Those models and all that their fields hold."""
    found: set[type[BaseModel]] = set()
    while start:
        found |= start
        start = {
            model
            for each in start
            if each.model_rebuild() is not False
            for field in each.model_fields.values()
            for model in named(field.annotation)
        } - found
    return found


def methods() -> list[inspect.Signature]:
    return [
        inspect.signature(value) for _, value in inspect.getmembers(OryClient) if hasattr(value, "paging")
    ]


def body_models(operation: Operation) -> set[type[BaseModel]]:
    return named(inspect.signature(getattr(OryClient, operation.name)).parameters["body"].annotation)


READ = reachable(set(FLOWS.values()).union(*(named(signature.return_annotation) for signature in methods())))
SENT = reachable(
    set().union(
        *(
            named(signature.parameters["body"].annotation)
            for signature in methods()
            if "body" in signature.parameters
        )
    )
)


def test_bodies_reject_unknown_fields(subtests: pytest.Subtests) -> None:
    for model in sorted(SENT - READ, key=str):
        with subtests.test(model=model.__name__):
            assert issubclass(model, models.OryBody)
            with pytest.raises(ValidationError, match="mistyped"):
                model.model_validate({"mistyped": 1})


def test_responses_keep_unknown_fields() -> None:
    assert {model for model in READ if model.model_config["extra"] != "allow"} == set()
    assert len(SENT - READ) > 90


def test_body_of_the_specification_is_valid(subtests: pytest.Subtests) -> None:
    for operation in WITH_BODY:
        with subtests.test(operation=operation.name):
            kinds = body_models(operation)
            if not kinds:
                assert operation.content == ("text/plain",)
                continue
            schema = operation.body_schema()
            assert schema is not None
            value = example(schema, operation.schemas)
            [value] = value if isinstance(value, list) else [value]
            for path in GONE:
                without(value, *path)
            assert any(takes(kind, value) for kind in kinds)


def without(value: Any, key: str, *rest: str) -> None:
    """Remove the field at a path of an object, if any."""
    if rest:
        without(value.get(key, {}), *rest)
    else:
        value.pop(key, None)


def takes(kind: type[BaseModel], value: dict[str, Any]) -> bool:
    try:
        model = kind.model_validate(value)
    except ValidationError:
        return False
    return bool(model.model_dump(mode="json", by_alias=True, exclude_unset=True) == value)


@responses.activate
def test_list_that_was_changed_in_place_is_sent() -> None:
    ory = OryClient(**typing.cast("dict[str, Any]", ARGUMENTS))
    host = ARGUMENTS["hydra_admin_url"]
    accept = f"{host}/admin/oauth2/auth/requests/consent/accept"
    responses.put(accept, json={"redirect_to": "/x"})
    responses.post(f"{host}/admin/clients", json={"client_id": "app"})
    consent = models.AcceptOAuth2ConsentRequest(remember=False)
    consent.grant_scope.append("openid")
    ory.accept_o_auth2_consent_request(consent_challenge="c", body=consent)
    app = models.OAuth2Client(client_id="app", jwks=models.JsonWebKeySet())
    app.redirect_uris += ["https://app.test/"]
    assert app.jwks is not None
    app.jwks.keys.append(models.JsonWebKey(kid="k"))
    ory.create_o_auth2_client(body=app)
    ory.create_o_auth2_client(body={"jwks": app.jwks})
    assert [json.loads(call.request.body or b"") for call in responses.calls] == [
        {"remember": False, "grant_scope": ["openid"]},
        {"client_id": "app", "redirect_uris": ["https://app.test/"], "jwks": {"keys": [{"kid": "k"}]}},
        {"jwks": {"keys": [{"kid": "k"}]}},
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05+00:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
    ids=["date", "time", "UUID"],
)
def test_dates_times_and_uuids_in_a_body_are_text(value: object, text: str) -> None:
    with OryClient(kratos_admin_url="http://kratos.test") as ory, responses.RequestsMock() as mock:
        mock.post("http://kratos.test/admin/identities", json={"id": "1"})
        ory.admin_create_identity(body={"traits": {"value": value}})
        assert json.loads(mock.calls[0].request.body or b"") == {"traits": {"value": text}}
