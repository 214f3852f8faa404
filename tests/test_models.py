"""The models."""

from __future__ import annotations

from typing import Any

import pytest

from django_ory.models import Identity, OAuth2Client
from tests.support.kratos import IDENTITY_ID


@pytest.mark.parametrize(
    ("row", "name", "log_name"),
    [
        (Identity(identity_id=IDENTITY_ID, label="ann@example.org"), "ann@example.org", IDENTITY_ID),
        (Identity(identity_id=IDENTITY_ID), IDENTITY_ID, IDENTITY_ID),
        (OAuth2Client(client_id="shop", name="Book shop"), "Book shop", "Book shop (shop)"),
        (OAuth2Client(client_id="shop"), "shop", "shop"),
    ],
)
def test_name_is_readable_and_log_name_is_not_personal(
    row: Identity | OAuth2Client, name: str, log_name: str
) -> None:
    assert str(row) == name
    assert row.log_name == log_name
    assert repr(row) == f"<{type(row).__name__}: {log_name}>"


@pytest.mark.parametrize(
    ("data", "traits"), [({}, {}), ({"traits": None}, {}), ({"traits": {"email": "x"}}, {"email": "x"})]
)
def test_traits_of_malformed_data_are_empty(data: dict[str, Any], traits: dict[str, Any]) -> None:
    assert Identity(data=data).traits == traits


def test_no_column_for_a_client_secret() -> None:
    names = {field.name for field in OAuth2Client._meta.get_fields()}
    assert not {name for name in names if "secret" in name or "token" in name}
