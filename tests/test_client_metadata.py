"""The origin of an OAuth2 client, from its id and its metadata."""

from __future__ import annotations

from typing import Any

import pytest

from django_ory.client.models import OAuth2Client
from django_ory.client_metadata import (
    SELF_DESCRIBED,
    SELF_REGISTERED,
    get_client_origin,
    is_verified_by_staff,
    read_client_metadata,
)


def build_client(metadata: Any = None, *, client_id: str | None = "app") -> OAuth2Client:
    return OAuth2Client(client_id=client_id, metadata=metadata)


@pytest.mark.parametrize(
    "metadata", [None, {}, "text", [1], {"django_ory": None}, {"django_ory": "x"}, {"a": 1}]
)
def test_client_without_an_origin_is_of_staff(metadata: Any) -> None:
    client = build_client(metadata)
    assert get_client_origin(client) == "staff"
    assert is_verified_by_staff(client)
    assert read_client_metadata(client) == {}


@pytest.mark.parametrize(
    ("metadata", "origin"),
    [
        (SELF_REGISTERED, "registration"),
        (SELF_DESCRIBED, "document"),
        ({"django_ory": {"origin": "later"}}, "registration"),
        ({"django_ory": {"origin": None}}, "registration"),
        ({"django_ory": {"origin": ["staff"]}}, "registration"),
    ],
)
def test_marked_client_is_only_verified_by_staff(metadata: Any, origin: str) -> None:
    client = build_client(metadata)
    assert get_client_origin(client) == origin
    assert not is_verified_by_staff(client)
    verified = {"django_ory": {**metadata["django_ory"], "verified": True}}
    assert is_verified_by_staff(build_client(verified))
    verified["django_ory"]["verified"] = "true"
    assert not is_verified_by_staff(build_client(verified))


@pytest.mark.parametrize("client_id", ["https://a.example/client", "HTTPS://a.example", "http://localhost/x"])
def test_client_id_that_is_a_url_is_never_of_staff(client_id: str) -> None:
    client = build_client({"django_ory": {"origin": "staff"}}, client_id=client_id)
    assert get_client_origin(client) == "document"
    assert not is_verified_by_staff(client)


def test_client_without_an_id_is_of_staff() -> None:
    assert get_client_origin(build_client(client_id=None)) == "staff"
