"""The admin pages of identity schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from django_ory.testing import FakeOry

pytestmark = pytest.mark.django_db

LIST = reverse("admin:django_ory_schemas")
PAGE = reverse("admin:django_ory_schema")


def test_schemas_are_listed_with_their_traits(admin: Client) -> None:
    html = admin.get(LIST).content.decode()
    assert f"{PAGE}?id=person" in html
    assert "email" in html


def test_json_of_a_schema_is_shown(admin: Client) -> None:
    html = admin.get(PAGE, {"id": "person"}).content.decode()
    assert "ory.sh/kratos" in html


@pytest.mark.parametrize("key", ["", "unknown", "..", "a/b", "\u202e<b>", "x" * 5000])
def test_unknown_id_is_a_message(admin: Client, key: str) -> None:
    response = admin.get(PAGE, {"id": key})
    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()


def test_strange_schemas_are_shown(admin: Client, ory: FakeOry) -> None:
    deep: Any = {}
    for _ in range(50):
        deep = {"properties": deep}
    schemas = [
        {"id": "a", "schema": None},
        {"id": "b", "schema": {"properties": [], "title": 7}},
        {"id": "<c>", "schema": {"properties": {"traits": {"properties": {"<i>": {}}}}}},
        {"id": "d", "schema": deep},
        {"id": "x" * 3000, "schema": {}},
    ]
    ory.respond("GET /schemas", json=schemas)
    response = admin.get(LIST)
    assert response.status_code == 200
    html = response.content.decode()
    assert "&lt;c&gt;" in html
    assert "<i>" not in html


def test_large_schema_is_a_message(admin: Client, ory: FakeOry) -> None:
    ory.respond("GET /schemas/{id}", json={"title": "x" * 300_000})
    assert "too large" in admin.get(PAGE, {"id": "person"}).content.decode()


@pytest.mark.parametrize("kind", ["down", "slow", "error", "html", "truncated"])
def test_failing_kratos_is_a_message(admin: Client, ory: FakeOry, kind: str) -> None:
    for url in (LIST, f"{PAGE}?id=person"):
        with ory.fault("kratos", kind):
            response = admin.get(url)
        assert response.status_code in (200, 503)
        assert 'role="alert"' in response.content.decode()


def test_permissions_are_checked(staff_with: Callable[..., Client]) -> None:
    client = staff_with("view_session")
    assert client.get(LIST).status_code == 403
    assert client.get(PAGE, {"id": "person"}).status_code == 403


def test_post_is_not_allowed(admin: Client) -> None:
    assert admin.post(PAGE, {"id": "person"}).status_code == 405
