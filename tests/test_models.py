"""The rows."""

from __future__ import annotations

from typing import Any

import pytest

from django_ory.models import Identity, OAuth2Client
from tests.sessions.stand_in import IDENTITY_ID


def test_names_are_not_personal() -> None:
    row = Identity(identity_id=IDENTITY_ID, label="ann@example.org")
    assert str(row) == IDENTITY_ID
    assert str(OAuth2Client(client_id="shop")) == "shop"


@pytest.mark.parametrize(
    ("data", "traits"), [({}, {}), ({"traits": None}, {}), ({"traits": {"email": "x"}}, {"email": "x"})]
)
def test_traits(data: dict[str, Any], traits: dict[str, Any]) -> None:
    assert Identity(data=data).traits == traits


def test_there_is_no_place_for_a_secret() -> None:
    names = {field.name for field in OAuth2Client._meta.get_fields()}
    assert not {name for name in names if "secret" in name or "token" in name}
