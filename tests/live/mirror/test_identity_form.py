"""The admin form of an identity on a real Kratos: objects, lists, enums, conflicts and rejected values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.urls import reverse

from django_ory.client import OryBadRequest
from django_ory.clients import get_client
from django_ory.devstack import OryStack
from django_ory.models import Identity
from django_ory.testing.fake.schema_rules import describe_mistakes
from tests.support.browser_forms import read_form
from tests.support.identity_schemas import build_identity_schema, build_schemas_config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

pytestmark = [pytest.mark.live, pytest.mark.django_db]

ADD = reverse("admin:django_ory_identity_add")
TEXT = {"type": "string"}
EMAIL = {**TEXT, "format": "email", "ory.sh/kratos": {"credentials": {"password": {"identifier": True}}}}
PERSON: dict[str, Any] = {
    "email": EMAIL,
    "plan": {"enum": ["free", "pro", 3, None]},
    "seats": {"type": "integer", "minimum": 1},
    "news": {"type": "boolean"},
    "since": {**TEXT, "format": "date-time"},
    "tags": {"type": "array", "items": {**TEXT, "minLength": 2}},
    "homes": {"type": "array", "items": {"type": "object", "properties": {"street": TEXT}}},
    "name": {
        "type": "object",
        "properties": {"first": {**TEXT, "maxLength": 5}, "last": TEXT},
        "required": ["last"],
    },
    "any": {"anyOf": [TEXT, {"type": "array"}]},
    "a/b~c": TEXT,
    "terms": {"const": True},
    "kind": {"const": "customer"},
}
PERSON_SCHEMA = build_identity_schema(PERSON, required=["email"])
TEAM = {"email": EMAIL, "size": {"type": "integer"}}


@pytest.fixture(scope="module")
def two_schemas() -> Iterator[OryStack]:
    config = build_schemas_config(
        person=PERSON_SCHEMA, team=build_identity_schema(TEAM, required=["email", "size"])
    )
    with OryStack(config_overrides={"kratos": config}) as stack:
        yield stack


@pytest.fixture(autouse=True)
def kratos(two_schemas: OryStack, settings: Any) -> None:
    settings.ORY = two_schemas.ory_setting


def open_form(client: Client, url: str) -> dict[str, Any]:
    return dict(read_form(client.get(url).content.decode(), "identity_form"))


def get_errors(response: Any) -> dict[str, Any]:
    assert response.status_code == 200
    return {name: list(texts) for name, texts in response.context["adminform"].form.errors.items()}


def get_url(row: Identity) -> str:
    return reverse("admin:django_ory_identity_change", args=[row.pk])


def add(client: Client, email: str, **typed: Any) -> Identity:
    url = f"{ADD}?alias=default&schema_id=person"
    names = {name.replace("__", "."): value for name, value in typed.items()}
    data = open_form(client, url) | {"traits.email": email, **names}
    response = client.post(url, data)
    assert response.status_code == 302, get_errors(response)
    return Identity.objects.get(label=email)


def get_traits(row: Identity) -> Any:
    return get_client().admin_get_identity(str(row.identity_id)).traits


def test_identity_is_created_and_changed(admin: Client) -> None:
    email = f"{uuid4().hex}@example.com"
    row = add(
        admin,
        email,
        traits__plan="3",
        traits__seats="2",
        traits__name__first="Zoë",
        traits__name__last="Lee",
        traits__tags=["", "red", "blue"],
        traits__homes__0__street="Elm",
        traits__since="2026-01-31 18:30",
        metadata_admin='{"vip": true}',
    )
    stored = get_traits(row)
    assert stored == {
        "email": email,
        "plan": 3,
        "seats": 2,
        "since": stored["since"],
        "tags": ["red", "blue"],
        "homes": [{"street": "Elm"}],
        "name": {"first": "Zoë", "last": "Lee"},
    }
    data = open_form(admin, get_url(row))
    assert json.loads(data["metadata_admin"][0]) == {"vip": True}
    assert admin.post(get_url(row), data).status_code == 302
    assert get_traits(row) == stored
    typed = {
        "traits.plan": "",
        "traits.news": "true",
        "traits.tags": ["", "blue"],
        "traits.name.first": "",
        "traits.a/b~c": "\u202ex",
        "traits.any:json": '[1, {"a": null}]',
        "metadata_admin": "",
        "state": "inactive",
    }
    response = admin.post(get_url(row), data | typed)
    assert response.status_code == 302, get_errors(response)
    del stored["plan"], stored["name"]["first"]
    identity = get_client().admin_get_identity(str(row.identity_id))
    assert identity.traits == {
        **stored,
        "news": True,
        "tags": ["blue"],
        "a/b~c": "\u202ex",
        "any": [1, {"a": None}],
    }
    assert (identity.state, identity.metadata_admin) == ("inactive", None)
    row.refresh_from_db()
    assert (row.state, row.traits) == ("inactive", identity.traits)


def test_rejected_values_and_taken_identifiers_are_shown_at_their_traits(admin: Client) -> None:
    email, other = f"{uuid4().hex}@example.com", f"{uuid4().hex}@example.com"
    row = add(admin, email, traits__name__last="Lee")
    add(admin, other)
    data = open_form(admin, get_url(row))
    response = admin.post(get_url(row), data | {"traits.email": other.upper()})
    assert get_errors(response) == {"traits.email": ["Another identity has this value already."]}
    typed = {
        "traits.email": "nobody",
        "traits.name.first": "too long",
        "traits.name.last": "",
        "traits.tags": ["", "ok", "x"],
    }
    response = admin.post(get_url(row), data | typed)
    assert get_errors(response) == {
        "traits.email": ['"nobody" is not valid "email"'],
        "traits.name.first": ["Length must be <= 5, but got 8"],
        "traits.name.last": ["This field is required."],
        "traits.tags.1": ["Length must be >= 2, but got 1"],
    }
    assert get_traits(row) == {"email": email, "name": {"last": "Lee"}}


def test_change_of_another_person_is_a_conflict(admin: Client) -> None:
    row = add(admin, f"{uuid4().hex}@example.com", traits__seats="2")
    data = open_form(admin, get_url(row)) | {"traits.news": "true"}
    patch = [{"op": "replace", "path": "/traits/seats", "value": 5}]
    get_client().admin_patch_identity(str(row.identity_id), body=patch)
    response = admin.post(get_url(row), data)
    assert "was changed in Kratos" in str(get_errors(response))
    assert "news" not in get_traits(row)
    data = dict(read_form(response.content.decode(), "identity_form"))
    assert admin.post(get_url(row), data).status_code == 302
    assert (get_traits(row)["seats"], get_traits(row)["news"]) == (5, True)


def test_schema_is_changed_with_the_traits_that_it_requires(admin: Client) -> None:
    row = add(admin, f"{uuid4().hex}@example.com", traits__seats="2")
    url = f"{get_url(row)}?schema_id=team"
    data = open_form(admin, url)
    assert get_errors(admin.post(url, data)) == {"traits.size": ["This field is required."]}
    assert admin.post(url, data | {"traits.size": "4"}).status_code == 302
    identity = get_client().admin_get_identity(str(row.identity_id))
    assert (identity.schema_id, identity.traits["size"], identity.traits["seats"]) == ("team", 4, 2)


@pytest.mark.parametrize(
    "traits",
    [
        {},
        {"email": "a@example.com", "seats": "x", "news": 1, "tags": [1, "x"], "homes": [{"street": None}]},
        {"email": "a@example.com", "seats": 0, "terms": False, "kind": "x"},
        {"email": "none", "name": {"first": "too long"}, "plan": "gold", "a/b~c": 1.5},
    ],
)
def test_fake_rejects_traits_with_the_lines_of_kratos(traits: dict[str, Any]) -> None:
    with pytest.raises(OryBadRequest) as caught:
        get_client().admin_create_identity(body={"schema_id": "person", "traits": traits})
    schema = PERSON_SCHEMA["properties"]["traits"]
    expected = sorted(line.strip() for line in caught.value.reason.splitlines())
    assert sorted(line.strip() for line in describe_mistakes(schema, traits).splitlines()) == expected
